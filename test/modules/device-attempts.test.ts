import { codeOf, send } from '../pipeline/asking';
import { startTestApp, type TestApp } from '../support/app';
import { type Member, member, PASSWORD } from '../support/passwords';
import { asks, exchange, openPage, sentBack } from '../support/sign-in-page';

const ATTEMPTS = 5;
const DEVICE_COOKIE = 'portico-device';

let app: TestApp;
/** Counts nothing. */
let patient: TestApp;
beforeAll(async () => {
  const env = { ATTEMPTS_MAX: String(ATTEMPTS), HTTP_TRUSTED_PROXIES: '1', JOBS_CONCURRENCY: '0' };
  app = await startTestApp({ env });
  patient = await startTestApp({ databaseUrl: app.databaseUrl, env: { JOBS_CONCURRENCY: '0' } });
});
afterAll(async () => {
  await patient.close();
  await app.close();
});

let addresses = 0;
/** An address that somebody shares with strangers, who have used up its attempts. */
async function crowdedAddress(): Promise<string> {
  const address = newAddress();
  const field = 'signIn(input: { login: "nobody", password: "wrong" }) { userErrors { code } }';
  const query = `mutation { ${Array.from({ length: ATTEMPTS }, (_, i) => `a${i}: ${field}`).join(' ')} }`;
  expect((await ask(query, {}, address)).status).toBe(200);
  expect((await ask(`mutation { ${field} }`, {}, address)).status).toBe(429);
  return address;
}

function newAddress(): string {
  addresses += 1;
  return `198.51.100.${addresses}`;
}

const ask = (query: string, variables: object, address: string, token?: string) =>
  send(
    app,
    { query, variables },
    { headers: { 'x-forwarded-for': address, ...(token && { authorization: `Bearer ${token}` }) } },
  );

const SIGN_IN = 'mutation ($i: SignInInput!) { signIn(input: $i) { deviceToken userErrors { code } } }';

const signIn = (login: string, deviceToken: string, address: string, password = PASSWORD) =>
  ask(SIGN_IN, { i: { login, password, deviceToken } }, address);

function somebody(): Promise<Member> {
  addresses += 1;
  return member(patient, `sharing_${addresses}`);
}

describe('attempts of a device on which somebody has signed in before', () => {
  it('are counted apart from those of strangers at its address', async () => {
    const ada = await somebody();
    const address = await crowdedAddress();
    const answer = await signIn(ada.email, ada.deviceToken, address);
    expect([answer.status, answer.body.data.signIn.userErrors]).toEqual([200, []]);
    const written = `mutation { signIn(input: { login: "${ada.email}", password: "${PASSWORD}", deviceToken: "${ada.deviceToken}" }) { userErrors { code } } }`;
    expect((await ask(written, {}, address)).body.data.signIn.userErrors).toEqual([]);
  });

  it('are as few as those of an address, also with the tokens that they get', async () => {
    const bob = await somebody();
    let { deviceToken } = bob;
    for (let i = 0; i < ATTEMPTS; i += 1) {
      const { body } = await signIn(bob.email, deviceToken, newAddress());
      ({ deviceToken } = body.data.signIn);
    }
    const refused = await signIn(bob.email, deviceToken, newAddress());
    expect([refused.status, codeOf(refused.body)]).toEqual([429, 'RATE_LIMITED']);
    expect(refused.body.errors[0].message).toContain('from this device');
    expect((await signIn(bob.email, '', newAddress())).status).toBe(200);
  });

  it('are known by each login that has been used on it', async () => {
    const cyd = await somebody();
    const handle = cyd.email.split('@')[0] ?? '';
    const address = await crowdedAddress();
    expect((await signIn(handle, cyd.deviceToken, address)).status).toBe(429);
    const { deviceToken } = (await signIn(handle, cyd.deviceToken, newAddress())).body.data.signIn;
    for (const login of [handle, cyd.email, ` ${handle.toUpperCase()}`]) {
      expect((await signIn(login, deviceToken, address)).status).toBe(200);
    }
  });

  it.each<[string, (own: Member, other: Member) => [login: string, token: string]]>([
    ['for another account', (own, other) => [own.email, other.deviceToken]],
    ['that was altered', ({ email, deviceToken }) => [email, `${deviceToken.slice(0, -2)}AA`]],
    ['that is none', ({ email }) => [email, 'x.y']],
  ])('are those of a stranger with a token %s', async (_what, claim) => {
    const address = await crowdedAddress();
    const [own, other] = [await somebody(), await somebody()];
    expect((await signIn(...claim(own, other), address)).status).toBe(429);
  });

  it('pass while strangers have used up the budget of its address', async () => {
    const budget = { DOCUMENT_COST_MAX: '40', BUDGET_CAPACITY: '160', BUDGET_RESTORE_PER_SECOND: '1' };
    const poor = await startTestApp({ databaseUrl: app.databaseUrl, env: { ...budget, JOBS_CONCURRENCY: '0' } });
    try {
      const dan = await somebody();
      const input = (deviceToken: string | null) => ({ i: { login: dan.email, password: PASSWORD, deviceToken } });
      let refused = 200;
      for (let i = 0; i < 20 && refused === 200; i += 1) {
        refused = (await send(poor, { query: SIGN_IN, variables: input(null) })).status;
      }
      expect(refused).toBe(429);
      const answer = await send(poor, { query: SIGN_IN, variables: input(dan.deviceToken) });
      expect(answer.body.data?.signIn.userErrors).toEqual([]);
    } finally {
      await poor.close();
    }
  });
});

it('whoever is signed in can show who they are while strangers have used up the attempts of their address', async () => {
  const eve = await somebody();
  const address = await crowdedAddress();
  const confirm = `mutation { confirmIdentity(input: { password: "${PASSWORD}" }) { userErrors { code } } }`;
  for (let i = 0; i < ATTEMPTS; i += 1) {
    expect((await ask(confirm, {}, address, eve.token)).body.data.confirmIdentity.userErrors).toEqual([]);
  }
  expect((await ask(confirm, {}, newAddress(), eve.token)).status).toBe(429);
  expect((await ask(confirm, {}, address)).status).toBe(429);
});

describe('a browser in which somebody has signed in before', () => {
  const devices = (headers: Headers) => headers.getSetCookie().filter((each) => each.startsWith(DEVICE_COOKIE));

  /** Signs in on the page and answers how that went. */
  async function onPage(login: string, address: string, deviceCookie: string | null, password = PASSWORD) {
    const asked = asks();
    const page = await openPage(app, asked.query);
    const own = page.headers.get('set-cookie')?.split(';')[0] ?? '';
    const cookie = deviceCookie === null ? own : `${own}; ${deviceCookie}`;
    const done = await page.submit(login, password, { cookie, headers: { 'x-forwarded-for': address } });
    return { ...done, asked };
  }

  it('gets in while strangers have used up the attempts of its address', async () => {
    const fay = await somebody();
    const first = await onPage(fay.email, newAddress(), null);
    const [cookie = '', ...more] = devices(first.headers);
    expect(more).toEqual([]);
    const [pair = '', ...attributes] = cookie.split('; ');
    expect(attributes).toEqual(['Path=/oauth', 'Max-Age=31536000', 'HttpOnly', 'SameSite=Strict']);
    const address = await crowdedAddress();
    expect((await onPage(fay.email, address, null)).status).toBe(429);
    expect((await onPage(fay.email, address, `${DEVICE_COOKIE}=x.y`)).status).toBe(429);
    expect(sentBack(await onPage(fay.email, address, pair))).toHaveProperty('code');
  });

  it('is given nothing for a wrong password', async () => {
    const gil = await somebody();
    expect(devices((await onPage(gil.email, newAddress(), null, 'a wrong password')).headers)).toEqual([]);
  });

  it('has tries of its own while strangers have used up those of the account', async () => {
    const few = { SIGN_IN_FAILURES_MAX: '2', HTTP_TRUSTED_PROXIES: '1', JOBS_CONCURRENCY: '0' };
    const strict = await startTestApp({ databaseUrl: app.databaseUrl, env: few });
    try {
      const hal = await somebody();
      for (let i = 0; i < 3; i += 1) {
        const input = { login: hal.email, password: 'a wrong password' };
        await send(strict, { query: SIGN_IN, variables: { i: input } });
      }
      const page = await openPage(strict, asks().query);
      const own = page.headers.get('set-cookie')?.split(';')[0] ?? '';
      expect((await page.submit(hal.email, PASSWORD)).status).toBe(400);
      const cookie = `${own}; ${DEVICE_COOKIE}=${hal.deviceToken}`;
      expect(sentBack(await page.submit(hal.email, PASSWORD, { cookie }))).toHaveProperty('code');
    } finally {
      await strict.close();
    }
  });

  it('gets a code that is worth nothing once the password was replaced while it was compared', async () => {
    const ida = await somebody();
    const done = await onPage(ida.email, newAddress(), null);
    // Replaced before the code was made, as its clock has it, and after the hash was read.
    await app.sql.query(
      `UPDATE credentials SET password_version = password_version + 1, updated_at = now() - interval '1 minute' WHERE user_id = $1`,
      [ida.uuid],
    );
    const refused = await exchange(app, sentBack(done)['code'] ?? '', done.asked.verifier);
    expect([refused.status, refused.body['error']]).toEqual([400, 'invalid_grant']);
  });
});
