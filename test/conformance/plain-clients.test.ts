import { EventSource } from 'eventsource';
import { createClient } from 'graphql-sse';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { Arrivals, NO_POLLING } from './arrivals';
import * as documents from './documents';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';
/** No form or link of a foreign page can send it. */
const PREFLIGHT = { 'apollo-require-preflight': 'true' };

describe('without a GraphQL library,', () => {
  let app: TestApp;
  let alan: Person;
  /** Closes what a test has opened, also when it fails. */
  const open: (() => void)[] = [];

  beforeAll(async () => {
    app = await startTestApp({ env: NO_POLLING });
    alan = await app.person('alan');
  });
  afterEach(() => {
    for (const close of open.splice(0)) close();
  });
  afterAll(() => app.close());

  async function writePost(text: string): Promise<string> {
    const { createPost } = await app.ok(documents.CREATE_POST, { input: { text } }, alan);
    return createPost.postEdge.node.id;
  }

  /** Writes a comment and answers its cursor. */
  async function comment(postId: string, text: string): Promise<string> {
    const { addComment } = await app.ok(documents.ADD_COMMENT, { input: { postId, text } }, alan);
    return addComment.commentEdge.cursor;
  }

  async function postsOf(person: Person): Promise<number> {
    const { viewer } = await app.ok('{ viewer { user { counts { posts } } } }', {}, person);
    return viewer.user.counts.posts;
  }

  describe('by fetch', () => {
    const NAME = 'query Name($handle: String!) { userByHandle(handle: $handle) { handle } }';
    const authorization = () => ({ authorization: `Bearer ${alan.token}` });

    function get(parameters: Record<string, string>, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${app.url}/graphql?${new URLSearchParams(parameters)}`, { headers });
    }

    function post(body: object, headers: Record<string, string> = {}): Promise<Response> {
      return fetch(`${app.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });
    }

    it('a query is answered to GET', async () => {
      const answer = await get({ query: NAME, variables: JSON.stringify({ handle: 'ALAN' }) }, PREFLIGHT);
      expect(answer.status).toBe(200);
      expect(await answer.json()).toMatchObject({ data: { userByHandle: { handle: 'alan' } } });
    });

    it('GET reads as the person whose token it carries', async () => {
      const answer = await get({ query: '{ viewer { user { handle } } }' }, { ...PREFLIGHT, ...authorization() });
      expect(await answer.json()).toEqual({ data: { viewer: { user: { handle: 'alan' } } } });
    });

    it('GET without a header that only an app can send is refused, naming the header', async () => {
      const answer = await get({ query: '{ __typename }' });
      expect(answer.status).toBe(400);
      expect(await answer.text()).toContain('apollo-require-preflight');
    });

    it('GET never writes', async () => {
      const query = 'mutation { createPost(input: { text: "by GET" }) { replayed } }';
      const answer = await get({ query }, { ...PREFLIGHT, ...authorization() });
      expect(answer.status).toBe(405);
      expect(await postsOf(alan)).toBe(0);
    });

    it.each([GRAPHQL_RESPONSE, 'application/json'])('POST is answered as %s to who accepts that', async (accept) => {
      const answer = await post({ query: NAME, variables: { handle: 'alan' }, operationName: 'Name' }, { accept });
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toContain(accept);
      expect(await answer.json()).toMatchObject({ data: { userByHandle: { handle: 'alan' } } });
    });

    it.each([
      ['a document that does not parse', '{ viewer', 'GRAPHQL_PARSE_FAILED'],
      ['a document that is not valid here', '{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
    ])('%s is refused by status and code', async (_what, query, code) => {
      const answer = await post({ query }, { accept: GRAPHQL_RESPONSE });
      expect(answer.status).toBe(400);
      expect(answer.headers.get('content-type')).toContain(GRAPHQL_RESPONSE);
      const body = (await answer.json()) as { errors: { extensions: object }[] };
      expect(body).not.toHaveProperty('data');
      expect(body.errors[0]?.extensions).toEqual({ code });
    });

    it('a token that is no good is refused by status and code', async () => {
      const answer = await post(
        { query: '{ __typename }' },
        { accept: GRAPHQL_RESPONSE, authorization: 'Bearer nothing' },
      );
      expect(answer.status).toBe(401);
      expect(await answer.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
    });
  });

  describe('by EventSource', () => {
    /** Opens an operation as a stream of events, with the token that a browser's own EventSource cannot send. */
    function listen(query: string, variables: object, as: Person) {
      const parameters = new URLSearchParams({ query, variables: JSON.stringify(variables) });
      const headers = { authorization: `Bearer ${as.token}` };
      const source = new EventSource(`${app.url}/graphql/stream?${parameters}`, {
        fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...headers } }),
      });
      open.push(() => source.close());
      const results = new Arrivals<{ data?: documents.CommentAdded; errors?: { extensions: object }[] }>();
      const completed = new Arrivals<true>();
      source.addEventListener('next', ({ data }) => results.add(JSON.parse(data)));
      source.addEventListener('complete', () => {
        // An EventSource would ask again.
        source.close();
        completed.add(true);
      });
      return { results, completed };
    }

    it('comments arrive as events, those before it listened and those after', async () => {
      const postId = await writePost('What do you think?');
      const after = await comment(postId, 'first');
      await comment(postId, 'second');
      const { results } = listen(documents.COMMENT_ADDED, { postId, after }, alan);
      await results.until(1);
      await comment(postId, 'third');
      const texts = (await results.until(2)).map(({ data }) => data?.commentAdded.node.text);
      expect(texts).toEqual(['second', 'third']);
    });

    it('a refused subscription is one event with a code, and the end', async () => {
      const postId = await writePost('For myself');
      await app.ok(
        'mutation($input: UpdatePostInput!) { updatePost(input: $input) { replayed } }',
        { input: { id: postId, audience: 'PRIVATE' } },
        alan,
      );
      const stranger = await app.person('stranger');
      const { results, completed } = listen(documents.COMMENT_ADDED, { postId }, stranger);
      await completed.until(1);
      expect(await results.until(1)).toMatchObject([{ errors: [{ extensions: { code: 'NOT_FOUND' } }] }]);
    });
  });

  it('no stream that is opened by GET writes', async () => {
    const query = 'mutation { createPost(input: { text: "by GET" }) { replayed } }';
    const before = await postsOf(alan);
    const headers = { accept: 'text/event-stream', authorization: `Bearer ${alan.token}` };
    const answer = await fetch(`${app.url}/graphql/stream?${new URLSearchParams({ query })}`, { headers });
    await answer.text();
    expect(await postsOf(alan)).toBe(before);
  });

  describe('by graphql-sse', () => {
    function connect() {
      const headers = { authorization: `Bearer ${alan.token}` };
      const client = createClient({ url: `${app.url}/graphql/stream`, headers, retryAttempts: 0 });
      open.push(() => client.dispose());
      return client;
    }

    it('a refused subscription is one result with a code', async () => {
      const results = connect().iterate({ query: 'subscription { nothing }' });
      expect((await results.next()).value).toMatchObject({
        errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
      });
    });

    it('a query is one result', async () => {
      const results = connect().iterate({ query: '{ viewer { user { handle } } }' });
      expect(await results.next()).toEqual({ done: false, value: { data: { viewer: { user: { handle: 'alan' } } } } });
      expect(await results.next()).toMatchObject({ done: true });
    });

    it('comments arrive, those before it listened and those after', async () => {
      const postId = await writePost('And now?');
      const after = await comment(postId, 'first');
      await comment(postId, 'second');
      const texts = new Arrivals<string>();
      connect().subscribe<documents.CommentAdded>(
        { query: documents.COMMENT_ADDED, variables: { postId, after } },
        {
          next: ({ data, errors }) => (data ? texts.add(data.commentAdded.node.text) : texts.fail(errors)),
          error: (error) => texts.fail(error),
          complete: () => {},
        },
      );
      await texts.until(1);
      await comment(postId, 'third');
      expect(await texts.until(2)).toEqual(['second', 'third']);
    });
  });
});
