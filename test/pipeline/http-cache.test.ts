import { type Person, startTestApp, type TestApp } from '../support/app';
import { people, publish } from '../support/verbs';
import { get, send } from './asking';

let app: TestApp;
let ada: Person;
let postId: string;

beforeAll(async () => {
  app = await startTestApp();
  ({ ada } = await people(app, 'ada'));
  postId = await publish(app, ada, 'For everybody');
});
afterAll(() => app.close());

const cacheControl = async (query: string, as: Person | null = null) =>
  (await get(app, { query, variables: { id: postId, user: ada.id } }, { as })).headers.get('cache-control');

describe('an answer by GET', () => {
  const query = 'query ($id: ID!) { post(id: $id) { text } }';

  /** Long enough to be compressed. */
  const names = Array.from({ length: 25 }, (_, i) => `aNameThatTakesRoomInTheAnswer${i}: text`);
  const wide = `query ($id: ID!) { post(id: $id) { ${names.join(' ')} } }`;
  const CODINGS = ['identity', 'gzip', 'br'];

  it('has a strong ETag, and is 304 without a body to whoever has it', async () => {
    const variables = { id: postId };
    const first = await get(app, { query, variables });
    const etag = first.headers.get('etag') ?? '';
    expect(etag).toMatch(/^"[0-9a-f]{64}"$/);
    for (const known of [etag, `W/${etag}`, `"other", ${etag}`, '*']) {
      const again = await get(app, { query, variables }, { headers: { 'if-none-match': known } });
      expect([again.status, again.body]).toEqual([304, null]);
      for (const name of ['etag', 'cache-control', 'vary']) {
        expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)]);
      }
    }
    const other = await get(app, { query, variables }, { headers: { 'if-none-match': '"other"' } });
    expect([other.status, other.body.data]).toEqual([200, { post: { text: 'For everybody' } }]);
  });

  it('has a strong ETag for each way of compressing it, and is 304 to whoever has either', async () => {
    const asked = (coding: string, headers = {}) =>
      get(app, { query: wide, variables: { id: postId } }, { headers: { 'accept-encoding': coding, ...headers } });
    const answers = await Promise.all(CODINGS.map((coding) => asked(coding)));
    expect(answers.map(({ headers }) => headers.get('content-encoding') ?? 'identity')).toEqual(CODINGS);
    const etags = answers.map(({ headers }) => headers.get('etag') ?? '');
    expect(etags.filter((etag) => etag.startsWith('"'))).toHaveLength(CODINGS.length);
    expect(new Set(etags).size).toBe(CODINGS.length);
    for (const etag of etags) {
      for (const coding of CODINGS) expect((await asked(coding, { 'if-none-match': etag })).status).toBe(304);
    }
  });

  it('has another ETag when the answer is another', async () => {
    const before = await get(app, {
      query: 'query ($id: ID!) { post(id: $id) { likeCount } }',
      variables: { id: postId },
    });
    await app.ok(
      'mutation ($id: ID!) { setPostLiked(input: { postId: $id, liked: true }) { replayed } }',
      { id: postId },
      ada,
    );
    const after = await get(app, {
      query: 'query ($id: ID!) { post(id: $id) { likeCount } }',
      variables: { id: postId },
    });
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  });

  it('says what it varies by, small or compressed', async () => {
    for (const each of [query, wide]) {
      const { headers } = await get(app, { query: each, variables: { id: postId } });
      const vary = (headers.get('vary') ?? '').toLowerCase().split(/,\s*/);
      expect(vary).toEqual(expect.arrayContaining(['accept', 'accept-encoding', 'authorization', 'origin']));
    }
  });

  it.each([
    ['a post', 'query ($id: ID!) { post(id: $id) { id text } }', 10],
    ['a person', 'query ($user: ID!) { user(id: $user) { handle } }', 30],
    ['the shortest of both', 'query ($id: ID!, $user: ID!) { user(id: $user) { handle } post(id: $id) { text } }', 10],
    ['nested', 'query ($user: ID!) { user(id: $user) { posts(first: 2) { nodes { text author { handle } } } } }', 10],
    ['fragments', 'query ($id: ID!) { post(id: $id) { author { ...F } } } fragment F on User { handle }', 10],
  ])('may be kept by anybody for as long as every type in it says: %s', async (_what, document, seconds) => {
    expect(await cacheControl(document)).toBe(`public, max-age=${seconds}`);
  });

  it.each([
    ['the viewer', '{ viewer { id } }'],
    ['the viewer beside a post', 'query ($id: ID!) { post(id: $id) { text } viewer { id } }'],
    [
      'the viewer in a fragment',
      'query ($id: ID!) { post(id: $id) { text } ...F } fragment F on Query { viewer { id } }',
    ],
    ['how the viewer stands to somebody', 'query ($user: ID!) { user(id: $user) { relationship { following } } }'],
    ['any node', 'query ($user: ID!) { user(id: $user) { id } node(id: "x") { id } }'],
    ['a viewer by id', 'query ($user: ID!) { node(id: $user) { ... on Viewer { user { id } } } }'],
    ['many nodes', 'query ($user: ID!) { user(id: $user) { id } nodes(ids: [$user]) { id } }'],
    ['the schema', '{ __schema { queryType { name } } }'],
    ['the schema beside a person', 'query ($user: ID!) { user(id: $user) { id } __type(name: "User") { name } }'],
    ['nothing that has a hint', '{ __typename }'],
  ])('is for its asker alone where some part has no hint: %s', async (_what, document) => {
    expect(await cacheControl(document)).toMatch(/^private, no-cache$|^no-store$/);
  });

  it('is for its asker alone whenever somebody is signed in', async () => {
    expect(await cacheControl('query ($id: ID!) { post(id: $id) { text } }', ada)).toBe('private, no-cache');
    expect(await cacheControl('query ($user: ID!) { user(id: $user) { handle } }', ada)).toBe('private, no-cache');
  });

  it('is kept by nobody when it has errors or is a refusal', async () => {
    const partial = 'query ($id: ID!) { post(id: $id) { text comments(first: 1, after: "x") { nodes { id } } } }';
    for (const document of [
      partial,
      '{ nothing }',
      '{',
      'mutation { createPost(input: { text: "x" }) { replayed } }',
    ]) {
      const answer = await get(app, { query: document, variables: { id: postId } });
      expect(answer.body.errors).toBeDefined();
      expect(answer.headers.get('cache-control')).toBe('no-store');
      expect(answer.headers.get('etag')).toBeNull();
    }
    const forged = await get(app, { query: '{ viewer { id } }' }, { headers: { authorization: 'Bearer forged' } });
    expect([forged.status, forged.headers.get('cache-control')]).toEqual([401, 'no-store']);
  });
});

it('keeps no answer by POST', async () => {
  const { headers } = await send(app, { query: '{ __typename }' });
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('etag')).toBeNull();
});
