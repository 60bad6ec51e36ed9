import { type Person, startTestApp, type TestApp } from '../../support/app';
import { readWhole, viewerId } from '../../support/social';
import { type Account, AUDIENCES, type Audience, CELLS, type Cell } from './rights';
import { arrangeMatrix, type MatrixPost, type MatrixWorld } from './world';

/** A way to posts: which audiences of an author's posts it shows a viewer. */
type Path = (viewer: Person | null, cell: Cell) => Promise<readonly Audience[]>;

describe('what a viewer is shown of the posts of an account', () => {
  let app: TestApp;
  let world: MatrixWorld;

  beforeAll(async () => {
    app = await startTestApp();
    world = await arrangeMatrix(app);
  });
  afterAll(() => app.close());

  /** Asks one aliased field per audience and answers the audiences for which it was not null. */
  async function byAudience(
    viewer: Person | null,
    account: Account,
    field: (post: MatrixPost) => string,
  ): Promise<Audience[]> {
    const posts = world.posts[account];
    const fields = AUDIENCES.map((audience) => `${audience}: ${field(posts[audience])}`);
    const data = await app.ok(`query ByAudience { ${fields.join(' ')} }`, {}, viewer);
    return AUDIENCES.filter((audience) => data[audience] !== null);
  }

  /** The audiences of those of the given posts and comments that `nodes` brings. */
  async function byNodes(viewer: Person | null, ids: readonly string[]): Promise<Audience[]> {
    const document = 'query ByNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const { nodes } = await app.ok(document, { ids }, viewer);
    expect(nodes.map((node: { id: string } | null, i: number) => node?.id ?? ids[i])).toEqual(ids);
    return AUDIENCES.filter((_, i) => nodes[i] !== null);
  }

  function audiencesOf(account: Account, ids: readonly string[]): Audience[] {
    return AUDIENCES.filter((audience) => ids.includes(world.posts[account][audience].id));
  }

  const paths: Record<string, Path> = {
    'node(id)': (viewer, { account }) => byAudience(viewer, account, ({ id }) => `node(id: "${id}") { id }`),
    'post(id)': (viewer, { account }) => byAudience(viewer, account, ({ id }) => `post(id: "${id}") { id }`),
    'nodes(ids)': (viewer, { account }) =>
      byNodes(
        viewer,
        AUDIENCES.map((audience) => world.posts[account][audience].id),
      ),
    'node(id) of a comment': (viewer, { account }) =>
      byAudience(viewer, account, ({ comments }) => `node(id: "${comments[0]}") { id }`),
    'nodes(ids) of comments': (viewer, { account }) =>
      byNodes(
        viewer,
        AUDIENCES.map((audience) => world.posts[account][audience].comments[1]),
      ),
    'Comment.post': async (viewer, { account }) => {
      const posts = world.posts[account];
      const fields = AUDIENCES.map(
        (audience) => `${audience}: node(id: "${posts[audience].comments[0]}") { ... on Comment { post { id } } }`,
      );
      const data = await app.ok(`query CommentPost { ${fields.join(' ')} }`, {}, viewer);
      return AUDIENCES.filter((audience) => data[audience]?.post.id === posts[audience].id);
    },
    'User.posts': async (viewer, { account }) => {
      const ids = (await readWhole(app, viewer, 'posts', world.authors[account].id)) ?? [];
      expect(ids).toEqual(ids.filter((id) => id.startsWith('post_')).sort((a, b) => (a < b ? 1 : -1)));
      return audiencesOf(account, ids);
    },
    'Post.author.posts': async (viewer, { account }) => {
      const posts = Object.values(world.posts[account]);
      const document = `query Authors($ids: [ID!]!) {
        nodes(ids: $ids) { ... on Post { author { posts(first: 100) { edges { node { id } } } } } }
      }`;
      const { nodes } = await app.ok(document, { ids: posts.map(({ id }) => id) }, viewer);
      type Edges = { node: { id: string } }[];
      const shown = nodes.flatMap(
        (node: { author: { posts: { edges: Edges } } } | null) => node?.author.posts.edges ?? [],
      );
      return audiencesOf(
        account,
        (shown as Edges).map((edge) => edge.node.id),
      );
    },
  };

  describe.each(CELLS)('$role before a $account account', (cell) => {
    it.each(Object.keys(paths))('follows from the rights by %s', async (path) => {
      const viewer = world.viewer(cell.role, cell.account);
      expect(await paths[path]?.(viewer, cell)).toEqual(cell.rights.posts);
    });

    it('is what User.counts.posts counts', async () => {
      const document = 'query Counts($id: ID!) { user(id: $id) { counts { posts } } }';
      const viewer = world.viewer(cell.role, cell.account);
      const { user } = await app.ok(document, { id: world.authors[cell.account].id }, viewer);
      expect(user?.counts ?? null).toEqual(cell.rights.profile ? { posts: cell.rights.posts.length } : null);
    });

    it('is counted under each post as its lists show it', async () => {
      const viewer = world.viewer(cell.role, cell.account);
      for (const audience of cell.rights.posts) {
        const { id } = world.posts[cell.account][audience];
        const comments = await readWhole(app, viewer, 'comments', id);
        const likers = await readWhole(app, viewer, 'likedBy', id);
        const { post } = await app.ok(
          'query Counted($id: ID!) { post(id: $id) { likeCount commentCount } }',
          { id },
          viewer,
        );
        expect(post).toEqual({ likeCount: likers?.length, commentCount: comments?.length });
        // The author does not see the two guests whom a block hides; everybody else sees all three.
        const guests = audience === 'PRIVATE' ? 0 : cell.role === 'self' ? 1 : 3;
        expect(post).toEqual({ likeCount: 1 + guests, commentCount: 2 + guests });
      }
    });

    it('comes to the home feed as the rights say', async () => {
      const viewer = world.viewer(cell.role, cell.account);
      const ids = viewer ? await readWhole(app, viewer, 'feed', viewerId(viewer)) : [];
      expect(audiencesOf(cell.account, ids ?? [])).toEqual(cell.rights.feed);
    });
  });

  it('gives an anonymous request no viewer and no feed', async () => {
    expect(await app.ok('query Anonymous { viewer { feed { nodes { id } } } }')).toEqual({ viewer: null });
  });
});
