import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app';
import { socketUrl } from '../support/comment-stream';
import { type DeviceKey, makeKey, makeProof, type SignedIn, sha256, signUp } from '../support/proofs';

const WHO = '{ viewer { user { handle } } }';
const CAPACITY = 30;
const ENV = {
  ...{ DOCUMENT_COST_MAX: '30', BUDGET_CAPACITY: String(CAPACITY), BUDGET_LOCAL_PERCENT: '100' },
  ...{ BUDGET_RESTORE_PER_SECOND: '1', BUDGET_ADDRESS_FACTOR: '1000' },
};

let app: TestApp;
/** On the same database, for signing up: that takes more of a stranger's budget than there is. */
let rich: TestApp;
let key: DeviceKey;
let ada: SignedIn;

beforeAll(async () => {
  rich = await startTestApp();
  app = await startTestApp({ env: ENV, databaseUrl: rich.databaseUrl });
});
afterAll(async () => {
  await app.close();
  await rich.close();
});
beforeEach(async () => {
  key = await makeKey();
  ada = await signUp(rich, `ada_${Date.now().toString(36)}`, key);
});

const proof = (path = '/graphql', method = 'POST') =>
  makeProof(key, app.url + path, method, { claims: { ath: sha256(ada.accessToken) } });

interface Answered {
  readonly status: number;
  readonly challenge: string | null;
  readonly text: string;
}

async function ask(dpop: string, query = WHO, path = '/graphql'): Promise<Answered> {
  const response = await fetch(app.url + path, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', authorization: `DPoP ${ada.accessToken}`, dpop },
      ...(path === '/graphql' ? {} : { accept: 'text/event-stream' }),
    },
    body: JSON.stringify({ query }),
  });
  const text = await response.text();
  return { status: response.status, challenge: response.headers.get('www-authenticate'), text };
}

/** How a socket that begins with a proof is closed; null when it is acknowledged. */
async function begin(dpop: string): Promise<number | null> {
  const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
  const payload = { authorization: `DPoP ${ada.accessToken}`, dpop };
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init', payload })));
  const outcome = await new Promise<number | null>((resolve) => {
    socket.once('close', resolve);
    socket.once('message', () => resolve(null));
  });
  socket.terminate();
  return outcome;
}

/** Until there is nothing left, and nothing will be for a while. */
async function exhaust(): Promise<void> {
  for (let tries = 0; tries < CAPACITY * 2; tries += 1) {
    const { status, text } = await ask(await proof(), '{ __typename }');
    if (status === 429 && JSON.parse(text).errors[0].extensions.retryAfterMs > 500) return;
  }
  throw new Error('the budget has no end');
}

const notedProofs = async (): Promise<number> =>
  (await app.sql.query('SELECT count(*)::int AS proofs FROM used_proofs')).rows[0].proofs;

describe('a proof', () => {
  it('is noted when its sender has paid, and not when the budget is used up, whatever way it comes', async () => {
    const before = await notedProofs();
    expect((await ask(await proof())).status).toBe(200);
    expect(await notedProofs()).toBe(before + 1);
    await exhaust();
    const noted = await notedProofs();
    expect(await begin(await proof('/graphql', 'GET'))).toBe(1013);
    expect((await ask(await proof())).status).toBe(429);
    expect((await ask(await proof('/graphql/stream'), WHO, '/graphql/stream')).text).toContain('RATE_LIMITED');
    expect(await notedProofs()).toBe(noted);
  });

  it('is worth nothing for a second request, which pays for being looked at', async () => {
    const dpop = await proof();
    expect((await ask(dpop)).status).toBe(200);
    for (let tries = 0, status = 401; status === 401; tries += 1) {
      const again = await ask(dpop, '{ __typename }');
      ({ status } = again);
      if (status === 401) expect(again.challenge).toContain('invalid_dpop_proof');
      expect(tries).toBeLessThan(CAPACITY * 2);
    }
    expect((await ask(await proof())).status).toBe(429);
  });

  it('is worth nothing for a second event stream or socket either', async () => {
    const [streamed, socketed] = [await proof('/graphql/stream'), await proof('/graphql', 'GET')];
    expect((await ask(streamed, WHO, '/graphql/stream')).text).toContain('handle');
    const again = await ask(streamed, WHO, '/graphql/stream');
    expect([again.status, again.challenge]).toEqual([401, expect.stringContaining('invalid_dpop_proof')]);
    expect(await begin(socketed)).toBeNull();
    expect(await begin(socketed)).toBe(4403);
  });

  it('is not used up by a request that is refused before it would run', async () => {
    const dpop = await proof();
    expect((await ask(dpop, '{ nothing }')).text).toContain('GRAPHQL_VALIDATION_FAILED');
    expect((await ask(dpop)).status).toBe(200);
  });

  it('signs nobody in before it is used up, however many ask with it at once', async () => {
    const dpop = await proof();
    const answers = await Promise.all(Array.from({ length: 10 }, () => ask(dpop)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ text }) => text.includes('ada_'))).toHaveLength(1);
  });
});
