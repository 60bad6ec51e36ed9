import { type Person, startTestApp, type TestApp } from '../../support/app';
import { eventually } from '../../support/interleaving';
import { readWhole, viewerId } from '../../support/social';
import { type Account, AUDIENCES, type Audience, CELLS, type Cell } from './rights';
import { askEveryCell, everyCell } from './rights-by-cell';
import { ARRANGE_MS, arrangeMatrix, type MatrixPost, type MatrixWorld } from './world';

/** A way to posts: which audiences of an author's posts it shows a viewer. */
type Path = (viewer: Person | null, account: Account) => Promise<readonly Audience[]>;

describe('the posts of an account', () => {
  let app: TestApp;
  let world: MatrixWorld;

  beforeAll(async () => {
    // Posts of followers in a list, whole pages of each: more than a screen may ask for.
    app = await startTestApp({ env: { DOCUMENT_COST_MAX: '1000000' } });
    world = await arrangeMatrix(app);
  }, ARRANGE_MS);
  afterAll(() => app.close());

  const viewerOf = ({ role, account }: Cell) => world.viewer(role, account);

  /** Asks for one aliased field per audience and answers the audiences for which it was not null. */
  async function byAudience(viewer: Person | null, account: Account, field: (post: MatrixPost) => string) {
    const posts = world.posts[account];
    const fields = AUDIENCES.map((audience) => `${audience}: ${field(posts[audience])}`);
    const data = await app.ok(`query ByAudience { ${fields.join(' ')} }`, {}, viewer);
    return AUDIENCES.filter((audience) => data[audience] !== null);
  }

  /** As `byAudience`, through `nodes`. */
  async function byNodes(viewer: Person | null, account: Account, idOf: (post: MatrixPost) => string) {
    const ids = AUDIENCES.map((audience) => idOf(world.posts[account][audience]));
    const { nodes } = await app.ok('query ByNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids }, viewer);
    expect(nodes.map((node: { id: string } | null, i: number) => node?.id ?? ids[i])).toEqual(ids);
    return AUDIENCES.filter((_, i) => nodes[i] !== null);
  }

  function audiencesOf(account: Account, postIds: readonly string[]): Audience[] {
    return AUDIENCES.filter((audience) => postIds.includes(world.posts[account][audience].id));
  }

  const paths: Record<string, Path> = {
    'node(id)': (viewer, account) => byAudience(viewer, account, ({ id }) => `node(id: "${id}") { id }`),
    'nodes(ids)': (viewer, account) => byNodes(viewer, account, ({ id }) => id),
    'post(id)': (viewer, account) => byAudience(viewer, account, ({ id }) => `post(id: "${id}") { id }`),
    'node(id) of a comment': (viewer, account) =>
      byAudience(viewer, account, ({ comments }) => `node(id: "${comments[0]}") { id }`),
    'nodes(ids) of comments': (viewer, account) => byNodes(viewer, account, ({ comments }) => comments[1]),
    'Comment.post': (viewer, account) =>
      byAudience(viewer, account, ({ comments }) => `node(id: "${comments[0]}") { ... on Comment { post { id } } }`),
    'User.posts': async (viewer, account) => {
      const ids = (await readWhole(app, viewer, 'posts', world.authors[account].id)) ?? [];
      const byAge = AUDIENCES.map((audience) => world.posts[account][audience].id).reverse();
      expect(ids).toEqual(byAge.filter((id) => ids.includes(id)));
      return audiencesOf(account, ids);
    },
    'User.posts of a follower in a list': async (viewer, account) => {
      const document = `query Followers($id: ID!) {
        user(id: $id) { followers(first: 100) { nodes { posts(first: 100) { edges { node { id } } } } } }
      }`;
      const { user } = await app.ok(document, { id: world.witness.id }, viewer);
      type Follower = { posts: { edges: { node: { id: string } }[] } };
      const nodes: Follower[] = user.followers.nodes;
      return audiencesOf(
        account,
        nodes.flatMap(({ posts }) => posts.edges.map(({ node }) => node.id)),
      );
    },
  };

  it.each(Object.keys(paths))('are shown by %s to those who may see them and to nobody else', async (name) => {
    const shown = await askEveryCell(async (cell) => paths[name]?.(viewerOf(cell), cell.account));
    expect(shown).toEqual(everyCell(({ rights }) => rights.posts));
  });

  it('are counted by User.counts.posts as far as the viewer may see them', async () => {
    const document = 'query Counts($id: ID!) { user(id: $id) { counts { posts } } }';
    const counted = await askEveryCell(async (cell) => {
      const { user } = await app.ok(document, { id: world.authors[cell.account].id }, viewerOf(cell));
      return user?.counts.posts ?? null;
    });
    expect(counted).toEqual(everyCell(({ rights }) => (rights.profile ? rights.posts.length : null)));
  });

  it('count the comments and likes under them that their lists show', async () => {
    const document = 'query Counted($id: ID!) { post(id: $id) { likeCount commentCount } }';
    const counted = await askEveryCell((cell) =>
      Promise.all(
        cell.rights.posts.map(async (audience) => {
          const { id } = world.posts[cell.account][audience];
          const { post } = await app.ok(document, { id }, viewerOf(cell));
          const comments = await readWhole(app, viewerOf(cell), 'comments', id);
          const likers = await readWhole(app, viewerOf(cell), 'likedBy', id);
          return { ...post, comments: comments?.length, likers: likers?.length };
        }),
      ),
    );
    // The author, who wrote two comments, does not see the two of three guests whom a block hides; all others do.
    const guests = ({ role }: Cell, audience: Audience) => (audience === 'PRIVATE' ? 0 : role === 'self' ? 1 : 3);
    expect(counted).toEqual(
      everyCell((cell) =>
        cell.rights.posts.map((audience) => {
          const [comments, likers] = [2 + guests(cell, audience), 1 + guests(cell, audience)];
          return { commentCount: comments, likeCount: likers, comments, likers };
        }),
      ),
    );
  });

  it('come to the home feeds of those whose they are, and of followers who did not mute their author', async () => {
    const cells = CELLS.filter((cell) => cell.role !== 'anonymous');
    const fed = await askEveryCell((cell) => homeFeed(cell), cells);
    expect(fed).toEqual(everyCell(({ rights }) => rights.feed, cells));
  });

  it('of a deleted account do not come to its own home feed', async () => {
    for (const account of ['deleted public', 'deleted private'] as const) {
      await eventually('the token of the account is refused', async () => {
        const { errors } = await app.query('{ viewer { feed { nodes { id } } } }', {}, world.viewer('self', account));
        return errors?.[0]?.extensions.code === 'UNAUTHENTICATED';
      });
    }
  });

  it('come to nobody without a viewer', async () => {
    expect(await app.ok('query Anonymous { viewer { feed { nodes { id } } } }')).toEqual({ viewer: null });
  });

  async function homeFeed(cell: Cell): Promise<readonly Audience[]> {
    const viewer = viewerOf(cell) as Person;
    return audiencesOf(cell.account, (await readWhole(app, viewer, 'feed', viewerId(viewer))) ?? []);
  }
});
