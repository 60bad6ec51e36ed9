import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { AutomaticDocuments } from '../../src/graphql/pipeline/automatic';
import { PublicAnswers } from '../../src/graphql/public-answers';
import { type AskOptions, get } from '../pipeline/asking';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import { waiting } from '../support/passwords';
import { handle, look, lookAnew, POST_SCREEN, person, post, runsOf, warm } from '../support/strangers';
import { comment, like, mutate, people, publish } from '../support/verbs';

const ORIGIN = 'https://app.example.com';

let app: TestApp;
let ada: Person;
let postId: string;

beforeAll(async () => {
  app = await startTestApp({ env: { CORS_ORIGINS: ORIGIN } });
  ({ ada } = await people(app, 'ada'));
});
afterAll(() => app.close());
beforeEach(async () => {
  postId = await publish(app, ada, 'For everybody');
});
afterEach(() => jest.restoreAllMocks());

/** Everything of an answer that a client is told, but for the budget that the reading of it took. */
async function told(options: AskOptions = {}, fields: object = post(postId)) {
  const { status, headers, body } = await get(app, fields, options);
  const own = ['date', 'ratelimit', 'ratelimit-policy', 'connection', 'keep-alive'];
  return { status, body, headers: Object.fromEntries([...headers].filter(([name]) => !own.includes(name))) };
}

/** So that nothing but the database itself knows. */
async function changeBehindItsBack(text: string) {
  await app.sql.query('UPDATE posts SET text = $1 WHERE author_id = $2', [text, ada.uuid]);
}

describe('the answer to a stranger by GET', () => {
  it('is kept when it is asked for a second time, and given again without a look at the database', async () => {
    const runs = await runsOf(app, async () => {
      for (let i = 0; i < 6; i += 1) await look(app, post(postId));
    });
    expect(runs).toBe(2);
    await changeBehindItsBack('Nobody has been told');
    expect((await look(app, post(postId))).post.text).toBe('For everybody');
    expect((await lookAnew(app, post(postId))).post.text).toBe('Nobody has been told');
  });

  it.each(['identity', 'gzip', 'br'])('is the same in every byte and header: %s', async (coding) => {
    const texts = Array.from({ length: 3 }, (_, i) => `${i}${' and so on'.repeat(60)}`);
    for (const text of texts) await comment(app, ada, postId, text);
    const headers = { 'accept-encoding': coding };
    const first = await told({ headers });
    expect(first.headers['content-encoding'] ?? 'identity').toBe(coding);
    expect(first.headers).toMatchObject({ etag: expect.any(String), vary: expect.stringContaining('Authorization') });
    for (let i = 0; i < 4; i += 1) expect(await told({ headers })).toEqual(first);
    const etag = first.headers['etag'] ?? '';
    const runs = await runsOf(app, async () => {
      for (const known of [etag, `W/${etag}`, `"x", ${etag}`]) {
        const bare = await told({ headers: { ...headers, 'if-none-match': known } });
        expect([bare.status, bare.body, bare.headers['etag']]).toEqual([304, null, etag]);
        expect(bare.headers['cache-control']).toBe(first.headers['cache-control']);
        expect(bare.headers['vary']).toBe(first.headers['vary']);
        expect(bare.headers['x-content-type-options']).toBe('nosniff');
      }
      const other = await told({ headers: { ...headers, 'if-none-match': '"x"' } });
      expect(other).toEqual(first);
    });
    expect(runs).toBe(0);
  });

  it('is compressed once, however large it is', async () => {
    const noise = () =>
      Array.from({ length: 160 }, () => Math.random().toString(36))
        .join(' ')
        .slice(0, 1_900);
    for (let i = 0; i < 3; i += 1) await comment(app, ada, postId, noise());
    await mutate(app, ada, 'updatePost', { id: postId, text: noise() + noise() });
    const headers = { 'accept-encoding': 'br' };
    const answers = [];
    for (let i = 0; i < 5; i += 1) answers.push(await told({ headers }));
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.headers['etag'])).size).toBe(1);
    // In one piece, as what has been compressed before.
    const lengths = answers.slice(2).map((answer) => answer.headers['content-length']);
    expect(Number(lengths[0])).toBeGreaterThan(1_000);
    expect(new Set(lengths).size).toBe(1);
    expect(await runsOf(app, () => told({ headers }))).toBe(0);
  });

  it('has no body when only its headers are asked for', async () => {
    const url = `${app.url}/graphql?${new URLSearchParams({ query: POST_SCREEN, variables: JSON.stringify({ id: postId }) })}`;
    const head = async () => {
      const headers = { 'apollo-require-preflight': '1', 'accept-encoding': 'identity' };
      const answer = await fetch(url, { method: 'HEAD', headers });
      return [answer.status, answer.headers.get('etag'), answer.headers.get('content-length'), await answer.text()];
    };
    const cold = await head();
    await told({ headers: { 'accept-encoding': 'identity' } });
    const { headers } = await told({ headers: { 'accept-encoding': 'identity' } });
    expect(cold).toEqual([200, headers['etag'], headers['content-length'], '']);
    expect(await runsOf(app, async () => expect(await head()).toEqual(cold))).toBe(0);
  });

  it('is one for every way of writing the same request', async () => {
    await warm(app, post(postId));
    const { query } = post(postId);
    const variables = [`{"id":"${postId}"}`, ` { "id" : "${postId}" } `, `{"other":1,"id":"${postId}"}`];
    const requests = variables.flatMap((each) => [
      { query, variables: each },
      { variables: each, query },
      { variables: each, x: 'y', query, operationName: 'StrangerPost' },
    ]);
    const runs = await runsOf(app, async () => {
      for (const fields of [...requests, ...requests]) {
        expect((await get(app, fields)).body.data.post.text).toBe('For everybody');
      }
    });
    expect(runs).toBe(0);
  });

  it('is another for another document, operation, variable or media type', async () => {
    const query = `query StrangerOne { user(id: "${ada.id}") { id } } query StrangerTwo { user(id: "${ada.id}") { name } }`;
    const modern = 'application/graphql-response+json';
    for (let i = 0; i < 4; i += 1) {
      expect((await get(app, { query, operationName: 'StrangerOne' })).body.data.user).toEqual({ id: ada.id });
      expect((await get(app, { query, operationName: 'StrangerTwo' })).body.data.user).toEqual({ name: 'ada' });
      expect((await told({ headers: { accept: modern } })).headers['content-type']).toContain(modern);
      expect((await told()).headers['content-type']).toBe('application/json; charset=utf-8');
      expect((await look(app, person(ada))).user.id).toBe(ada.id);
      expect((await look(app, handle('nobody_has_this'))).userByHandle).toBeNull();
    }
  });

  it('goes to pages of the origins that may have it, and names none to others', async () => {
    await warm(app, post(postId));
    const asked = [ORIGIN, null, 'https://evil.example.com', ORIGIN, null];
    const runs = await runsOf(app, async () => {
      for (const origin of asked) {
        const { headers } = await told({ headers: origin === null ? {} : { origin } });
        expect(headers['access-control-allow-origin']).toBe(origin === ORIGIN ? ORIGIN : undefined);
      }
    });
    expect(runs).toBe(0);
  });

  it('does not keep a text from being registered that is sent with its hash', async () => {
    const registered = jest.spyOn(AutomaticDocuments.prototype, 'keep');
    const sha256Hash = createHash('sha256').update(POST_SCREEN).digest('hex');
    const fields = { ...post(postId), extensions: { persistedQuery: { version: 1, sha256Hash } } };
    const runs = await runsOf(app, async () => {
      for (let i = 0; i < 5; i += 1) await get(app, fields);
    });
    expect([runs, registered.mock.calls.length]).toEqual([2, 5]);
  });

  it('is not given to what any page could send', async () => {
    await warm(app, post(postId));
    const search = new URLSearchParams({ query: POST_SCREEN, variables: JSON.stringify({ id: postId }) });
    for (const headers of [new Headers(), new Headers({ 'content-type': 'text/plain' })]) {
      expect((await fetch(`${app.url}/graphql?${search}`, { headers })).status).toBe(400);
    }
  });

  it('is made once for all who ask for it at the same moment', async () => {
    const shared = jest.spyOn(PublicAnswers.prototype, 'share');
    const { release } = await hold('post_like_counters');
    const before = app.log.length;
    const all = Promise.all(Array.from({ length: 20 }, () => look(app, post(postId))));
    await eventually('all of them are here', () => shared.mock.calls.length === 20);
    await waiting(app, 1);
    await release();
    expect(new Set((await all).map((data) => data.post.id)).size).toBe(1);
    const lines = app.log.slice(before).filter(({ msg }) => msg === 'operation');
    expect(lines.filter(({ statements }) => Number(statements) > 0)).toHaveLength(1);
    expect(lines).toHaveLength(20);
  });

  it('is made anew when making it fails for the one who asked first', async () => {
    const { release } = await hold('post_like_counters');
    const shared = jest.spyOn(PublicAnswers.prototype, 'share');
    const gone = new AbortController();
    const first = get(app, post(postId), { signal: gone.signal }).catch(() => 'gone');
    await waiting(app, 1);
    const others = Promise.all([look(app, post(postId)), look(app, post(postId))]);
    await eventually('all of them are here', () => shared.mock.calls.length === 3);
    gone.abort();
    expect(await first).toBe('gone');
    await waiting(app, 1);
    await release();
    expect((await others).map((data) => data.post.text)).toEqual(['For everybody', 'For everybody']);
  });
});

describe('what is for one person alone', () => {
  it.each<[string, object, AskOptions]>([
    ['an answer to somebody signed in', {}, { as: {} as Person }],
    ['an answer to whoever sends cookies', {}, { headers: { cookie: 'a=b' } }],
    ['an answer with the viewer in it', { query: 'query StrangerViewer { viewer { id } }' }, {}],
    ['an answer without a hint', { query: 'query StrangerNode($id: ID!) { node(id: $id) { id } }' }, {}],
    [
      'an answer with an error in it',
      {
        query:
          'query StrangerHalf($id: ID!) { post(id: $id) { text comments(first: 1, after: "x") { nodes { id } } } }',
      },
      {},
    ],
    ['an answer with a name too long', { variables: { id: 'post_', x: 'y' }, operationName: 'x'.repeat(5_000) }, {}],
  ])('is never kept: %s', async (_what, fields, options) => {
    const as = options.as ? ada : null;
    const runs = await runsOf(app, async () => {
      for (let i = 0; i < 5; i += 1) await get(app, { ...post(postId), ...fields }, { ...options, as });
    });
    if ('operationName' in fields) return;
    expect(runs).toBe(5);
  });

  it('is not given to whoever is signed in from what is kept for strangers, nor the other way round', async () => {
    const query = 'query StrangerLiked($id: ID!) { post(id: $id) { viewerHasLiked } }';
    await like(app, ada, postId);
    const asked = async (as: Person | null) =>
      (await get(app, { query, variables: { id: postId } }, { as })).body.data.post.viewerHasLiked;
    for (let i = 0; i < 4; i += 1) expect([await asked(ada), await asked(null)]).toEqual([true, null]);
  });
});

describe('an answer that is kept', () => {
  it('is given no longer than its types say', async () => {
    await warm(app, post(postId));
    await changeBehindItsBack('Changed');
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 9_000);
    expect((await look(app, post(postId))).post.text).toBe('For everybody');
    jest.spyOn(performance, 'now').mockImplementation(() => now() + 10_500);
    expect((await look(app, post(postId))).post.text).toBe('Changed');
  });

  it('was not read before a change of which everybody has been told', async () => {
    const query = 'query Talk($id: ID!) { post(id: $id) { text comments(first: 1) { nodes { text } } } }';
    const talk = { query, variables: { id: postId } };
    await look(app, talk);
    const { release } = await hold('comments');
    const early = look(app, talk);
    await waiting(app, 1);
    // The post itself has been read by now; its comments have not.
    await mutate(app, ada, 'updatePost', { id: postId, text: 'Edited' });
    const late = look(app, talk);
    await waiting(app, 1);
    await release();
    expect((await early).post.text).toBe('For everybody');
    expect((await late).post.text).toBe('Edited');
    for (let i = 0; i < 3; i += 1) expect((await look(app, talk)).post.text).toBe('Edited');
  });
});

/** Holds up whoever reads a table. */
async function hold(table: 'comments' | 'post_like_counters') {
  const client = new Client({ connectionString: app.databaseUrl });
  await client.connect();
  await client.query('BEGIN');
  await client.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  return {
    async release() {
      await client.query('COMMIT');
      await client.end();
    },
  };
}
