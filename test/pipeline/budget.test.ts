import { systemClock } from '../../src/kernel/clock';
import { newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { type Person, startTestApp, TEST_SIGNING_KEY, type TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';
import { refresh } from '../support/sessions';
import { signUp } from '../support/sign-in-page';
import { people, publish } from '../support/verbs';
import { codeOf, get, send, sleep } from './asking';

const CAPACITY = 200;
const RATE = 100;
const WORST = 'query Worst($id: ID!) { user(id: $id) { posts(first: 50) { nodes { id } } } }';
/** 50 posts and what is around them. */
const WORST_COST_MIN = 51;

/** A write that uses all that it is estimated at. */
const SPEND = { query: 'mutation { createPost(input: { text: "x" }) { replayed } }' };
const ENV = {
  DOCUMENT_COST_MAX: '60',
  BUDGET_CAPACITY: String(CAPACITY),
  BUDGET_LOCAL_PERCENT: '100',
  BUDGET_RESTORE_PER_SECOND: String(RATE),
  BUDGET_ADDRESS_FACTOR: '1000',
  HTTP_TRUSTED_PROXIES: '1',
};

/** So slow to come back that who has used it up stays without. */
const SLOW_ENV = { ...ENV, BUDGET_CAPACITY: '60', BUDGET_RESTORE_PER_SECOND: '1', BUDGET_VIEWER_FACTOR: '1' };

/** Of a slow budget, what has been used when it is refused; and what may have come back by the time of a next look. */
const [MOST, REST] = [40, 20];

let app: TestApp;
let slow: TestApp;
let ada: Person;

beforeAll(async () => {
  app = await startTestApp({ env: ENV });
  slow = await startTestApp({ databaseUrl: app.databaseUrl, env: SLOW_ENV });
  ({ ada } = await people(app, 'ada'));
});
afterAll(async () => {
  await slow.close();
  await app.close();
});

/** Whoever has not asked anything yet. */
let guests = 0;
const guest = () => {
  guests += 1;
  return app.person(`guest${guests}`);
};

const ask = (as: Person | null, address = '198.51.100.9', on = app) =>
  send(on, { query: WORST, variables: { id: ada.id } }, { as, headers: { 'x-forwarded-for': address } });
const askSlow = (as: Person | null, address?: string) => ask(as, address, slow);

/** Asks where the budget is slow, until it is refused. */
async function exhaust(as: Person | null, address?: string): Promise<void> {
  for (let tries = 0; tries < 20; tries += 1) {
    if ((await askSlow(as, address)).status === 429) return;
  }
  throw new Error('the budget has no end');
}

describe('the cost of an operation', () => {
  it('is taken as estimated, and what was not used is given back', async () => {
    const bob = await guest();
    const before = Date.now();
    const { body } = await ask(bob);
    const { cost } = body.extensions;
    expect(Object.keys(cost).sort()).toEqual(['actual', 'remaining', 'requested', 'resetAt', 'restoreRate']);
    expect(cost.requested).toBeGreaterThanOrEqual(WORST_COST_MIN);
    expect(cost).toMatchObject({ actual: 2, remaining: CAPACITY - 2, restoreRate: RATE });
    expect(Date.parse(cost.resetAt) - before).toBeGreaterThanOrEqual((2 / RATE) * 1_000);
    expect(Date.parse(cost.resetAt) - Date.now()).toBeLessThanOrEqual((2 / RATE) * 1_000);
    // Five times the estimate is more than the budget holds; what was used is not.
    for (let i = 0; i < 5; i += 1) expect((await ask(bob)).status).toBe(200);
  });

  it('stands in the headers of an event stream as well', async () => {
    const bob = await guest();
    const payload = { query: WORST, variables: { id: ada.id } };
    const { headers } = await fetch(`${app.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        ...{ 'content-type': 'application/json', accept: 'text/event-stream' },
        authorization: `Bearer ${bob.token}`,
      },
      body: JSON.stringify(payload),
    });
    expect(headers.get('ratelimit-policy')).toBe(`"cost";q=${CAPACITY};w=${CAPACITY / RATE}`);
    expect(headers.get('ratelimit')).toMatch(/^"cost";r=19\d;t=1$/);
  });

  it('is what the answer holds, object by object', async () => {
    const bob = await guest();
    const ids = await Promise.all([publish(app, bob), publish(app, bob), 'post_01h455vb4pex5vsknk084sn02q']);
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';
    const { cost } = (await send(app, { query, variables: { ids } }, { as: bob })).body.extensions;
    expect(cost.actual).toBe(2);
    expect(cost.requested).toBeGreaterThanOrEqual(3);
  });

  it('stands in the headers of every answer, by GET in the headers alone', async () => {
    const bob = await guest();
    const posted = await ask(bob);
    const got = await get(app, { query: WORST, variables: { id: ada.id } }, { as: bob });
    for (const { headers } of [posted, got]) {
      expect(headers.get('ratelimit-policy')).toBe(`"cost";q=${CAPACITY};w=${CAPACITY / RATE}`);
      expect(headers.get('ratelimit')).toMatch(/^"cost";r=19\d;t=1$/);
    }
    expect(posted.body.extensions.cost).toBeDefined();
    expect(got.body.extensions).toBeUndefined();
  });

  it('is given back where a GET was refused because no preflight preceded it', async () => {
    const search = new URLSearchParams({ query: WORST, variables: JSON.stringify({ id: ada.id }) });
    for (let i = 0; i < 10; i += 1) expect((await fetch(`${app.url}/graphql?${search}`)).status).toBe(400);
    expect((await ask(null)).status).toBe(200);
  });
});

describe('a budget that is used up', () => {
  it('is refused with 429 and a Retry-After that is true', async () => {
    const bob = await guest();
    // Mutations weigh what they weigh: nothing of it is given back.
    const spend = () => send(app, SPEND, { as: bob });
    let refused = await spend();
    while (refused.status === 200) refused = await spend();
    expect([refused.status, codeOf(refused.body)]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.body.errors[0].message).toMatch(
      /^Your budget has \d+ units left and this operation needs \d+\. Try again in 1 s/,
    );
    const { retryAfterMs } = refused.body.errors[0].extensions;
    const retryAfter = Number(refused.headers.get('retry-after'));
    expect(retryAfter).toBe(Math.ceil(retryAfterMs / 1_000));
    expect(retryAfterMs).toBeGreaterThan(0);
    await sleep(retryAfterMs);
    expect((await spend()).status).toBe(200);
  });

  it('is refused over WebSocket and event stream by the same verdict', async () => {
    const bob = await guest();
    await exhaust(bob);
    const client = new RawClient(slow.url);
    const payload = { query: WORST, variables: { id: ada.id } };
    const message = JSON.stringify({ id: '1', type: 'subscribe', payload });
    const socketed = await client.socket([message], `Bearer ${bob.token}`, true);
    const streamed = await client.stream(JSON.stringify(payload), `Bearer ${bob.token}`, true);
    for (const { result } of [socketed, streamed] as { result: { errors: { extensions: object }[] } }[]) {
      const retryAfterMs = expect.any(Number);
      expect(result.errors).toMatchObject([{ extensions: { code: 'RATE_LIMITED', retryAfterMs } }]);
    }
    client.close();
  });

  it('is that of one viewer and no other', async () => {
    const [bob, cyd] = [await guest(), await guest()];
    await exhaust(bob);
    expect((await askSlow(cyd)).status).toBe(200);
  });

  it('is that of a viewer, whatever session is used', async () => {
    const bob = await guest();
    await exhaust(bob);
    expect((await askSlow(await anotherSessionOf(bob))).status).toBe(429);
  });

  it('is that of one device, and of all devices of a viewer together', async () => {
    const wide = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...SLOW_ENV, BUDGET_VIEWER_FACTOR: '2' } });
    const bob = await guest();
    const [phone, tablet, laptop] = [await onDevice(bob), await onDevice(bob), await onDevice(bob)];
    /** Uses up what there is; answers how much that was. */
    const spendAll = async (as: Person) => {
      let units = 0;
      for (;;) {
        const answer = await send(wide, SPEND, { as });
        if (answer.status !== 200) return units;
        units += answer.body.extensions.cost.actual;
      }
    };
    expect(await spendAll(phone.person)).toBeGreaterThan(MOST);
    // Another session of the same device has nothing left; another device has a budget of its own, and a third one none.
    const again = (await onDevice(bob, phone.deviceId)).person;
    expect(await spendAll(again)).toBeLessThanOrEqual(REST);
    expect(await codesOverStreams(wide, again)).toEqual(['RATE_LIMITED', 'RATE_LIMITED']);
    expect(await codesOverStreams(wide, tablet.person)).toEqual([undefined, undefined]);
    expect(await spendAll(tablet.person)).toBeGreaterThan(MOST);
    expect(await spendAll(laptop.person)).toBeLessThanOrEqual(REST);
    await wide.close();
  });

  it('is that of the device that a session has registered, once it has a new access token', async () => {
    const { refreshToken, accessToken } = await signUp(app, 'gadgeteer');
    const document = 'mutation { registerDevice(input: { platform: IOS, appVersion: "1" }) { device { id } } }';
    const headers = { authorization: `Bearer ${accessToken}` };
    const { device } = (await send(app, { query: document }, { headers })).body.data.registerDevice;
    const { access_token: renewed = '' } = await refresh(app, refreshToken);
    const claims = JSON.parse(Buffer.from(renewed.split('.')[1] ?? '', 'base64url').toString());
    expect(claims.did).toBe(device.id);
  });

  it('is that of an address for strangers, who leave each other and people signed in alone', async () => {
    const [here, there] = ['198.51.100.1', '198.51.100.2'];
    await exhaust(null, here);
    expect((await askSlow(null, here)).status).toBe(429);
    expect((await askSlow(null, there)).status).toBe(200);
    expect((await askSlow(await guest(), here)).status).toBe(200);
  });

  it('is that of an address for the people behind it together', async () => {
    const env = { ...SLOW_ENV, BUDGET_ADDRESS_FACTOR: '2' };
    const narrow = await startTestApp({ databaseUrl: app.databaseUrl, env });
    let units = 0;
    for (const spender of [await guest(), await guest(), await guest()]) {
      for (;;) {
        const answer = await send(narrow, SPEND, { as: spender, headers: { 'x-forwarded-for': '198.51.100.3' } });
        if (answer.status !== 200) break;
        units += answer.body.extensions.cost.actual;
      }
    }
    // Three budgets would be 180; something comes back meanwhile.
    expect(units).toBeGreaterThan(60);
    expect(units).toBeLessThanOrEqual(150);
    expect((await send(narrow, SPEND, { as: await guest() })).status).toBe(200);
    await narrow.close();
  });
});

/** What the dearest operation is answered over WebSocket and event stream. */
async function codesOverStreams({ url }: TestApp, { token }: Person): Promise<(string | undefined)[]> {
  const client = new RawClient(url);
  const payload = { query: WORST, variables: { id: ada.id } };
  const message = JSON.stringify({ id: '1', type: 'subscribe', payload });
  const socketed = await client.socket([message], `Bearer ${token}`, true);
  const streamed = await client.stream(JSON.stringify(payload), `Bearer ${token}`, true);
  client.close();
  return [socketed, streamed].map((answer) => codeOf((answer as { result: unknown }).result));
}

/** A token of a session that has said of which device it is. */
async function onDevice(bob: Person, deviceId = newId()): Promise<{ person: Person; deviceId: string }> {
  return { person: await anotherSessionOf(bob, deviceId), deviceId };
}

/** A token as a second device has one. */
async function anotherSessionOf(person: Person, deviceId: string | null = null): Promise<Person> {
  const sessionId = newId();
  const insert = 'INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())';
  await app.sql.query(insert, [sessionId, person.uuid]);
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer: 'http://localhost',
    lifetimeSeconds: 60,
    clock: systemClock,
  });
  return { ...person, token: await tokens.issue({ userId: person.uuid, sessionId }, { deviceId }) };
}
