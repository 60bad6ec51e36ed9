import { type Person, startTestApp, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { people, publish } from '../support/verbs';
import { type Asked, codeOf, send, sleep, until } from './asking';

/** The lateness is measured over half a second, and shows for the next. */
const MEASURED_AFTER_MS = 1_100;
/** Reads are refused from twice as late on, writes from four times, sign-in from eight times. */
const DELAY_MS = 200;
const KINDS = ['subscribe', 'read', 'write', 'essential', 'renew'] as const;
type Kind = (typeof KINDS)[number];

let app: TestApp;
let ada: Person;
let postId: string;
let client: RawClient;

beforeAll(async () => {
  app = await startTestApp({ env: { LOAD_SHED_DELAY_MS: String(DELAY_MS), JOBS_CONCURRENCY: '0' } });
  ({ ada } = await people(app, 'ada'));
  postId = await publish(app, ada);
  client = new RawClient(app.url);
});
afterAll(async () => {
  client.close();
  await app.close();
});
beforeEach(() => until('the process is in time', async () => (await admitted()).length === KINDS.length));

/** Keeps the event loop of this process, which is the server's as well. */
function block(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

const SUBSCRIBE = 'subscription ($id: ID!) { commentAdded(postId: $id) { __typename } }';
const READ = 'query ($id: ID!) { post(id: $id) { text } }';
const WRITE = 'mutation ($id: ID!) { setPostLiked(input: { postId: $id, liked: true }) { replayed } }';
const SIGN_IN = 'mutation { signIn(input: { login: "nobody", password: "wrong" }) { userErrors { code } } }';

const ask = (query: string): Promise<Asked> =>
  send(app, { query, variables: query === SIGN_IN ? {} : { id: postId } }, { as: ada });

/** The code that a subscription is answered with; none when it is open. */
async function subscribe(): Promise<string | undefined> {
  const payload = { query: SUBSCRIBE, variables: { id: postId } };
  const answer = await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, false);
  return answer.kind === 'result' ? codeOf(answer.result) : undefined;
}

/** Asks for a new access token, with a token that nobody has issued. */
function renew(): Promise<Response> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: 'guessed' });
  return fetch(`${app.url}/oauth/token`, { method: 'POST', body });
}

async function admitted(): Promise<Kind[]> {
  const asked = [ask(READ), ask(WRITE), ask(SIGN_IN)].map(async (each) => codeOf((await each).body));
  const renewed = renew().then(async (answer) => codeOf(await answer.json()));
  const codes = await Promise.all([subscribe(), ...asked, renewed]);
  return KINDS.filter((_, i) => codes[i] !== 'SERVICE_UNAVAILABLE');
}

/** What is admitted once the lateness has been measured: within a window of half a second. */
async function admittedAfterBlocking(ms: number): Promise<Kind[]> {
  let fewest: Kind[] = [...KINDS];
  const end = performance.now() + ms + MEASURED_AFTER_MS;
  block(ms);
  while (performance.now() < end) {
    const now = await admitted();
    if (now.length < fewest.length) fewest = now;
    await sleep(30);
  }
  return fewest;
}

// What is looked at is a moment, which a machine that is busy otherwise can miss.
jest.retryTimes(3);

describe('a process that is late', () => {
  it.each<[number, Kind[]]>([
    [DELAY_MS * 1.1, ['read', 'write', 'essential', 'renew']],
    [DELAY_MS * 2.2, ['write', 'essential', 'renew']],
    [DELAY_MS * 4.4, ['essential', 'renew']],
    [DELAY_MS * 8.8, []],
  ])('by %d ms takes no more than %j', async (ms, kinds) => {
    expect(await admittedAfterBlocking(ms)).toEqual(kinds);
  });

  it('refuses with 503, SERVICE_UNAVAILABLE and when to come back', async () => {
    let refused: Asked | undefined;
    block(DELAY_MS * 3);
    await until('a refusal', async () => {
      const answer = await ask(READ);
      if (answer.status === 503) refused = answer;
      return refused;
    });
    expect(codeOf(refused?.body)).toBe('SERVICE_UNAVAILABLE');
    expect(refused?.body.errors[0].extensions.retryAfterMs).toBeGreaterThan(0);
    expect(Number(refused?.headers.get('retry-after'))).toBe(1);
    const line = app.log.findLast((each) => each.msg === 'operation' && each['type'] === 'refused');
    expect(line).toMatchObject({ statements: 0, codes: ['SERVICE_UNAVAILABLE'] });
    await until('reads are taken again', async () => (await ask(READ)).status === 200);
  });

  it('refuses to renew a token with 503 and when to come back', async () => {
    let refused: Response | undefined;
    block(DELAY_MS * 10);
    await until('a refusal', async () => {
      const answer = await renew();
      if (answer.status === 503) refused = answer;
      return refused;
    });
    expect(codeOf(await refused?.json())).toBe('SERVICE_UNAVAILABLE');
    expect(Number(refused?.headers.get('retry-after'))).toBe(1);
    expect(refused?.headers.get('cache-control')).toBe('no-store');
  });
});
