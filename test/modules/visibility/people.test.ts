import { type Person, startTestApp, type TestApp } from '../../support/app';
import { readWhole, viewerId } from '../../support/social';
import { type Account, CELLS, type Cell } from './rights';
import { askEveryCell, everyCell } from './rights-by-cell';
import { ARRANGE_MS, arrangeMatrix, type MatrixWorld } from './world';

/** Whether something of the account is there for the viewer. */
type Path = (viewer: Person | null, account: Account) => Promise<boolean>;

describe('the person behind an account', () => {
  let app: TestApp;
  let world: MatrixWorld;

  beforeAll(async () => {
    app = await startTestApp();
    world = await arrangeMatrix(app);
  }, ARRANGE_MS);
  afterAll(() => app.close());

  const viewerOf = ({ role, account }: Cell) => world.viewer(role, account);

  const toProfile: Record<string, Path> = {
    'user(id)': async (viewer, account) => {
      const { id } = world.authors[account];
      const { user } = await app.ok('query UserById($id: ID!) { user(id: $id) { id } }', { id }, viewer);
      return user?.id === id;
    },
    userByHandle: async (viewer, account) => {
      const { id, handle } = world.authors[account];
      const document = 'query UserByHandle($handle: String!) { userByHandle(handle: $handle) { id } }';
      const { userByHandle } = await app.ok(document, { handle: handle.toUpperCase() }, viewer);
      return userByHandle?.id === id;
    },
    'node(id)': async (viewer, account) => {
      const { id } = world.authors[account];
      const { node } = await app.ok('query UserNode($id: ID!) { node(id: $id) { id } }', { id }, viewer);
      return node?.id === id;
    },
    'nodes(ids)': async (viewer, account) => {
      const ids = [world.witness.id, world.authors[account].id];
      const { nodes } = await app.ok('query UserNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, viewer);
      expect(nodes[0].id).toBe(world.witness.id);
      return nodes[1]?.id === ids[1];
    },
  };

  it.each(Object.keys(toProfile))('is found by %s by those who may open the profile', async (name) => {
    const found = await askEveryCell(async (cell) => toProfile[name]?.(viewerOf(cell), cell.account));
    expect(found).toEqual(everyCell(({ rights }) => rights.profile));
  });

  const toEntry: Record<string, Path> = {
    likedBy: (viewer, account) => isIn(viewer, 'likedBy', world.neutralPostId, world.authors[account].id),
    followers: (viewer, account) => isIn(viewer, 'followers', world.witness.id, world.authors[account].id),
    following: (viewer, account) => isIn(viewer, 'following', world.witness.id, world.authors[account].id),
    'Post.comments': (viewer, account) => isIn(viewer, 'comments', world.neutralPostId, world.neutralComments[account]),
    'Post.comments(order: NEWEST)': async (viewer, account) => {
      const document = `query Newest($id: ID!) {
        post(id: $id) { comments(first: 100, order: NEWEST) { edges { node { author { id } } } } }
      }`;
      const { post } = await app.ok(document, { id: world.neutralPostId }, viewer);
      const edges: { node: { author: { id: string } } }[] = post.comments.edges;
      return edges.some(({ node }) => node.author.id === world.authors[account].id);
    },
    'node(id) of a comment': async (viewer, account) => {
      const id = world.neutralComments[account];
      const document = 'query CommentNode($id: ID!) { node(id: $id) { ... on Comment { author { id } } } }';
      const { node } = await app.ok(document, { id }, viewer);
      return node?.author.id === world.authors[account].id;
    },
    'nodes(ids) of comments': async (viewer, account) => {
      const ids = [world.neutralComments[account]];
      const { nodes } = await app.ok('query CommentNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, viewer);
      return nodes[0]?.id === ids[0];
    },
  };

  it.each(Object.keys(toEntry))('stands in %s of others for those from whom no block hides them', async (name) => {
    const listed = await askEveryCell(async (cell) => toEntry[name]?.(viewerOf(cell), cell.account));
    expect(listed).toEqual(everyCell(({ rights }) => rights.listed));
  });

  it('shows followers to those to whom the account is open, and counts as many', async () => {
    const followers = () => world.followers.map(({ handle }) => handle).sort();
    const shown = await askEveryCell((cell) => ownList(cell, 'followers'));
    expect(shown).toEqual(everyCell((cell) => expectedList(cell, followers())));
  });

  it('shows whom they follow to those to whom the account is open, and counts as many', async () => {
    const shown = await askEveryCell((cell) => ownList(cell, 'following'));
    expect(shown).toEqual(everyCell((cell) => expectedList(cell, [world.witness.handle])));
  });

  it('is told by relationship how only the viewer stands', async () => {
    const document = `query Standing($id: ID!) {
      user(id: $id) { relationship { following followedBy requested blocking muting } }
    }`;
    const told = await askEveryCell(async (cell) => {
      const { user } = await app.ok(document, { id: world.authors[cell.account].id }, viewerOf(cell));
      const relationship: Record<string, boolean> = user?.relationship ?? {};
      return Object.keys(relationship).filter((name) => relationship[name]);
    });
    const standings: Partial<Record<string, string[]>> = {
      follower: ['following'],
      requester: ['requested'],
      blocking: ['blocking'],
      muting: ['following', 'muting'],
    };
    expect(told).toEqual(everyCell(({ role, rights }) => (rights.profile && standings[role]) || []));
  });

  it('has a viewer of their own that nobody else finds', async () => {
    const authors = CELLS.filter(({ account }) => !account.startsWith('deleted'));
    const found = await askEveryCell(async (cell) => {
      const id = viewerId(world.authors[cell.account]);
      const document = 'query ViewerNode($id: ID!) { node(id: $id) { ... on Viewer { blocks { nodes { id } } } } }';
      return (await app.ok(document, { id }, viewerOf(cell))).node !== null;
    }, authors);
    expect(found).toEqual(everyCell(({ role }) => role === 'self', authors));
  });

  async function isIn(
    viewer: Person | null,
    list: 'likedBy' | 'followers' | 'following' | 'comments',
    of: string,
    id: string,
  ) {
    return (await readWhole(app, viewer, list, of))?.includes(id) ?? false;
  }

  /** The handles in an account's own list, and its counter. */
  async function ownList(cell: Cell, field: 'followers' | 'following') {
    const document = `query OwnList($id: ID!) {
      user(id: $id) { counts { ${field} } ${field}(first: 100) { nodes { handle } } }
    }`;
    const { user } = await app.ok(document, { id: world.authors[cell.account].id }, viewerOf(cell));
    if (!user) return null;
    const handles: string[] = user[field].nodes.map(({ handle }: { handle: string }) => handle);
    return { handles: handles.sort(), count: user.counts[field] };
  }

  function expectedList({ rights }: Cell, handles: string[]) {
    if (!rights.profile) return null;
    return rights.lists ? { handles, count: handles.length } : { handles: [], count: 0 };
  }
});
