import { newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { driverAnswers, sentTexts, watchStatements } from '../support/sent-statements';
import { crowd, mutate, relate } from '../support/verbs';

const AUTHORS = 12;
/** Comments are by others than posts, or their authors would be there already on a long page. */
const COMMENTERS = 12;
const POSTS = 120;
const COMMENTS_PER_POST = 4;
const SIZES = [1, 5, 20, 100];

const POST_FIELDS = `id text audience version createdAt updatedAt likeCount commentCount viewerHasLiked
  author { id name handle bio private }
  comments(first: 3) { edges { cursor node { id text createdAt author { id handle } } } pageInfo { hasNextPage } }`;
const USER_FIELDS = `id name handle counts { posts followers following }
  relationship { following followedBy requested blocking muting }`;

let app: TestApp;
let viewer: Person;
let authors: Person[];
let commenters: Person[];
let queries: ReturnType<typeof watchStatements>;

beforeAll(async () => {
  app = await startTestApp();
  viewer = await app.person('viewer');
  authors = await crowd(app, 'author', AUTHORS);
  commenters = await crowd(app, 'commenter', COMMENTERS);
  await Promise.all(authors.map((author) => relate(app, viewer, author, { following: true })));
  await app.jobsDone();
  await fillWorld();
  queries = watchStatements();
});
afterAll(async () => {
  queries.mockRestore();
  await app.close();
});

/** 120 posts by 12 authors in the viewer's feed, each with comments by four of twelve others and likes by all authors. */
async function fillWorld(): Promise<void> {
  const uuids = authors.map(({ uuid }) => uuid);
  const posts = Array.from({ length: POSTS }, newId);
  await app.sql.query(
    `WITH fresh AS (
       INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
       SELECT id, ($2::uuid[])[n % ${AUTHORS} + 1], 'Post ' || n, 'PUBLIC', now() - n * interval '1 minute', now()
       FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, n) RETURNING id, author_id, created_at
     )
     INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
     SELECT $3, id, author_id, created_at FROM fresh`,
    [posts, uuids, viewer.uuid],
  );
  await app.sql.query(
    `INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
     SELECT p.id, gen_random_uuid(), s, ($2::uuid[])[(n + s * 5) % ${COMMENTERS} + 1], 'Comment ' || s, now(), now()
     FROM unnest($1::uuid[]) WITH ORDINALITY AS p(id, n), generate_series(1, ${COMMENTS_PER_POST}) s`,
    [posts, commenters.map(({ uuid }) => uuid)],
  );
  await app.sql.query(
    `INSERT INTO comment_threads SELECT id, ${COMMENTS_PER_POST}, ${COMMENTS_PER_POST} FROM unnest($1::uuid[]) id`,
    [posts],
  );
  await app.sql.query(`INSERT INTO likes SELECT p, u, now() FROM unnest($1::uuid[]) p, unnest($2::uuid[]) u`, [
    posts,
    uuids,
  ]);
  await app.sql.query(`INSERT INTO post_like_counters SELECT id, ${AUTHORS} FROM unnest($1::uuid[]) id`, [posts]);
}

/** How many rows came for each of them, in their order. */
async function rowsRead(): Promise<number[]> {
  type Asked = { answered: Promise<{ rows: object[] }> } | Promise<{ rows: object[] }>;
  const sent = driverAnswers(queries) as Asked[];
  const answers = await Promise.all(sent.map((each) => ('answered' in each ? each.answered : each)));
  return answers.map(({ rows }) => rows.length);
}

/** Runs an operation and answers its data and what it cost, by the log and by the driver, which must agree. */
async function measure(name: string, document: string, variables: object, as: Person | null = viewer) {
  queries.mockClear();
  const data = await app.ok(document, variables, as);
  const statements = app.statementsOf(name);
  expect([name, statements]).toEqual([name, sentTexts(queries).length]);
  return { data, statements };
}

async function costsBySize(name: string, document: string, variables: object = {}): Promise<number[]> {
  const costs: number[] = [];
  for (const first of SIZES) costs.push((await measure(name, document, { ...variables, first })).statements);
  return costs;
}

const each = (statements: number): number[] => Array(SIZES.length).fill(statements);

describe('the statements of a page', () => {
  const HOME = `query Home($first: Int!) {
    viewer { feed(first: $first) {
      edges { cursor reason node { ${POST_FIELDS} } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
  }`;

  it('are two for the home feed with authors, counts, viewer state and comments, at any length: posts, and comments', async () => {
    const { data } = await measure('Home', HOME, { first: 100 });
    expect(data.viewer.feed.edges).toHaveLength(100);
    for (const { node } of data.viewer.feed.edges) {
      expect(node).toMatchObject({ likeCount: AUTHORS, commentCount: COMMENTS_PER_POST, viewerHasLiked: false });
      expect(node.comments.edges).toHaveLength(3);
    }
    expect(await costsBySize('Home', HOME)).toEqual(each(2));
  });

  it('are as many on the next page', async () => {
    const { data, statements } = await measure('Home', HOME, { first: 20 });
    const next = HOME.replace('$first: Int!', '$first: Int!, $after: String').replace(
      '$first)',
      '$first, after: $after)',
    );
    const after = data.viewer.feed.pageInfo.endCursor;
    expect((await measure('Home', next, { first: 20, after })).statements).toBe(statements);
  });

  it('are three for a profile with its counts, the relationship, and posts with comments', async () => {
    const [author] = authors as [Person];
    const costs = await costsBySize(
      'Profile',
      `query Profile($id: ID!, $first: Int!) {
        user(id: $id) { ${USER_FIELDS} posts(first: $first) { nodes { ${POST_FIELDS} } } }
      }`,
      { id: author.id },
    );
    expect(costs).toEqual(each(3));
  });

  it('are three for a post with its comments and the people who like it', async () => {
    const { data } = await measure('One', 'query One { viewer { feed(first: 1) { nodes { id } } } }', {});
    const id = data.viewer.feed.nodes[0].id;
    for (let i = 0; i < 10; i += 1) await mutate(app, viewer, 'addComment', { postId: id, text: `Comment ${i}` });
    const costs = await costsBySize(
      'Post',
      `query Post($id: ID!, $first: Int!) {
        post(id: $id) {
          ${POST_FIELDS.replace('comments(first: 3)', 'comments(first: $first)')}
          likedBy(first: $first) { nodes { ${USER_FIELDS} } }
        }
      }`,
      { id },
    );
    expect(costs).toEqual(each(3));
  });

  it('are two for a list of people with their counts and relationships', async () => {
    const costs = await costsBySize(
      'People',
      `query People($id: ID!, $first: Int!) { user(id: $id) { following(first: $first) { nodes { ${USER_FIELDS} } } } }`,
      { id: viewer.id },
    );
    expect(costs).toEqual(each(2));
  });

  it('are two for posts by their ids, with comments', async () => {
    const { data } = await measure('Ids', 'query Ids { viewer { feed(first: 100) { nodes { id } } } }', {});
    const ids: string[] = data.viewer.feed.nodes.map(({ id }: { id: string }) => id);
    const document = `query Nodes($ids: [ID!]!) { nodes(ids: $ids) { ... on Post { ${POST_FIELDS} } } }`;
    const costs: number[] = [];
    for (const size of SIZES) costs.push((await measure('Nodes', document, { ids: ids.slice(0, size) })).statements);
    expect(costs).toEqual(each(2));
  });

  it('are as many for a post that stands under another field, such as that of a comment', async () => {
    const { data } = await measure('Home', HOME, { first: 1 });
    const postId = data.viewer.feed.edges[0].node.id;
    const added = await mutate(app, viewer, 'addComment', { postId, text: 'Hi' }, 'commentEdge { node { id } }');
    const document = `query Under($id: ID!) { node(id: $id) { ... on Comment { author { id } post { ${POST_FIELDS} } } } }`;
    // The comment with its author, its post, and the comments of that.
    expect((await measure('Under', document, { id: added.commentEdge.node.id })).statements).toBe(3);
  });

  it.each([
    ['likes', 'text', /post_like_counters/, 'likeCount'],
    ['the viewer’s like', 'text', /FROM likes l WHERE/, 'viewerHasLiked'],
    ['comments', 'text', /comment_threads/, 'commentCount'],
    ['the author', 'text', /"author\.handle\b/, 'author { handle }'],
  ])('of a feed look at %s only where that is asked', async (_what, other, told, asked) => {
    const feed = (fields: string) => `query Feed { viewer { feed(first: 5) { nodes { id ${fields} } } } }`;
    expect((await measure('Feed', feed(other), {})).statements).toBe(1);
    expect(sentTexts(queries).join()).not.toMatch(told);
    expect((await measure('Feed', feed(asked), {})).statements).toBe(1);
    expect(sentTexts(queries).join()).toMatch(told);
  });

  it.each([
    ['whether more follow', 'pageInfo { hasNextPage }', 1],
    ['that through a fragment', '...Asked', 1],
    ['nothing of that', 'pageInfo { endCursor }', 0],
  ])('read one row more than a page shows where it is asked: %s', async (_what, asked, more) => {
    const feed = `query Feed { viewer { feed(first: 5) { nodes { id comments(first: 2) { nodes { id } } } ${asked} } } }
      ${asked.startsWith('...') ? 'fragment Asked on FeedConnection { pageInfo { next: hasNextPage } }' : ''}`;
    const { data } = await measure('Feed', feed, {});
    expect(data.viewer.feed.nodes).toHaveLength(5);
    expect(await rowsRead()).toEqual([5 + more, 5 * (2 + more)]);
  });

  it('bring along what a fragment asks for', async () => {
    const document = `query Two($ids: [ID!]!) { nodes(ids: $ids) { ...Shown } }
      fragment Shown on Node { ... on Post { author { handle } likeCount } }`;
    const { data } = await measure('Home', HOME, { first: 5 });
    const ids = data.viewer.feed.edges.map(({ node }: { node: { id: string } }) => node.id);
    expect((await measure('Two', document, { ids })).statements).toBe(1);
  });
});

describe('the counter of statements', () => {
  it('counts what a mutation sends, its transaction included', async () => {
    const document = `mutation Like($input: SetPostLikedInput!) {
      setPostLiked(input: $input) { userErrors { code } post { likeCount author { handle } } }
    }`;
    const { data } = await measure('One', 'query One { viewer { feed(first: 1) { nodes { id } } } }', {});
    const input = { postId: data.viewer.feed.nodes[0].id, liked: true, clientMutationId: 'like' };
    const liked = await measure('Like', document, { input });
    expect(liked.data.setPostLiked).toMatchObject({ userErrors: [], post: { likeCount: AUTHORS + 1 } });
    expect(liked.statements).toBeGreaterThan(6);
    expect((await measure('Like', document, { input })).statements).toBeLessThan(liked.statements);
  });

  it('counts nothing for an operation that reads nothing', async () => {
    expect((await measure('Nobody', 'query Nobody { viewer { id } }', {}, null)).statements).toBe(0);
  });
});
