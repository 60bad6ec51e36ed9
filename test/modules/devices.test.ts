import { type Person, startTestApp, type TestApp } from '../support/app';
import { eventually } from '../support/interleaving';
import { signInAgain } from '../support/sessions';
import { attempt, waitingOnLocks } from '../support/social';
import { documentOf, mutate } from '../support/verbs';

const FIELDS = 'id platform name appVersion lastSeenAt pushEnabled signingKeyThumbprint';
const DEVICES = `query Devices { viewer { devices { ${FIELDS} } } }`;
const NODE = `query Node($id: ID!) { node(id: $id) { __typename id } }`;
const PHONE = { platform: 'IOS', appVersion: '3.1.4', name: 'Ada’s phone' };

let app: TestApp;
let tokens = 0;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

function pushToken(): string {
  tokens += 1;
  return `apns-${tokens}`;
}

const register = async (as: Person, input: object = {}) =>
  (await mutate(app, as, 'registerDevice', { ...PHONE, ...input }, `device { ${FIELDS} }`)).device;
const devicesOf = async (as: Person) => (await app.ok(DEVICES, {}, as)).viewer.devices;

/** Where pushes with this token go: the handle of a person, or null. */
async function ownerOf(token: string): Promise<string | null> {
  const { rows } = await app.sql.query(
    'SELECT u.handle FROM push_tokens p JOIN users u ON u.id = p.user_id WHERE p.push_token = $1',
    [token],
  );
  return rows[0]?.handle ?? null;
}

describe('registering a device', () => {
  it('is called by what it is until somebody gives it a name', async () => {
    const nia = await app.person('nia');
    expect(await register(nia, { platform: 'ANDROID', name: null })).toMatchObject({ name: 'Android device' });
    expect(await register(nia, { platform: 'ANDROID' })).toMatchObject({ name: PHONE.name });
  });

  it('makes one device of a session, and changes it when it is said again', async () => {
    const ada = await app.person('ada');
    const first = await register(ada);
    expect(first).toMatchObject({ ...PHONE, pushEnabled: false, signingKeyThumbprint: null });
    const token = pushToken();
    const second = await register(ada, { appVersion: '3.2', name: null, pushToken: token });
    expect(second).toMatchObject({ id: first.id, appVersion: '3.2', name: PHONE.name, pushEnabled: true });
    expect(await register(ada, { name: 'Mine' })).toMatchObject({ id: first.id, name: 'Mine', pushEnabled: true });
    expect(await devicesOf(ada)).toHaveLength(1);
    const { viewer } = await app.ok('{ viewer { sessions { device { id name } } } }', {}, ada);
    expect(viewer.sessions).toEqual([{ device: { id: first.id, name: 'Mine' } }]);
  });

  it('makes one device though a session says it many times at once', async () => {
    const bea = await app.person('bea');
    const made = await Promise.all(Array.from({ length: 8 }, () => register(bea, { pushToken: `same-${bea.uuid}` })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    const { rows } = await app.sql.query('SELECT FROM devices WHERE user_id = $1', [bea.uuid]);
    expect(rows).toHaveLength(1);
  });

  it('keeps one push token to a device, and ends pushes by null', async () => {
    const cat = await app.person('cat');
    const [old, fresh] = [pushToken(), pushToken()];
    await register(cat, { pushToken: old });
    await register(cat, { pushToken: fresh });
    expect([await ownerOf(old), await ownerOf(fresh)]).toEqual([null, 'cat']);
    expect(await register(cat, { pushToken: null })).toMatchObject({ pushEnabled: false });
    expect(await ownerOf(fresh)).toBeNull();
  });

  it('takes a push token from the account that was signed in on the phone before', async () => {
    const [dan, eve] = await Promise.all(['dan', 'eve'].map((handle) => app.person(handle)));
    if (!dan || !eve) throw new Error('somebody is missing');
    const token = pushToken();
    const [his, hers] = [await register(dan, { pushToken: token }), await register(eve, { pushToken: token })];
    expect(hers.id).not.toBe(his.id);
    expect(await ownerOf(token)).toBe('eve');
    expect([await devicesOf(dan), await devicesOf(eve)]).toMatchObject([
      [{ pushEnabled: false }],
      [{ pushEnabled: true }],
    ]);
  });

  it('knows a phone by its push token when the same person signs in again', async () => {
    const fay = await app.person('fay');
    const token = pushToken();
    const first = await register(fay, { pushToken: token });
    const again = await signInAgain(app, fay);
    expect(await register(again, { pushToken: token })).toMatchObject({ id: first.id });
    expect(await devicesOf(fay)).toHaveLength(1);
    expect(await register(await signInAgain(app, fay), { pushToken: pushToken() })).not.toMatchObject({ id: first.id });
  });

  it.each([
    ['no version', { appVersion: ' ' }, 'appVersion'],
    ['a version that is a novel', { appVersion: 'x'.repeat(65) }, 'appVersion'],
    ['an empty name', { name: '' }, 'name'],
    ['a name that is a novel', { name: 'x'.repeat(61) }, 'name'],
    ['an empty push token', { pushToken: '' }, 'pushToken'],
    ['a push token with a space', { pushToken: 'a b' }, 'pushToken'],
    ['a push token that is a novel', { pushToken: 'x'.repeat(2_049) }, 'pushToken'],
  ])('refuses %s', async (what, input, field) => {
    const person = await app.person(`refused_${what.replace(/\W/g, '_').slice(0, 20)}`);
    const { userErrors, device } = await mutate(app, person, 'registerDevice', { ...PHONE, ...input }, 'device { id }');
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', field] }]);
    expect(device).toBeNull();
  });

  it('takes the longest push token there may be', async () => {
    const person = await app.person('longest');
    expect(await register(person, { pushToken: 'x'.repeat(2_048) })).toMatchObject({ pushEnabled: true });
  });

  it('comes to nothing when the session ends while it waits', async () => {
    const gil = await app.person('gil');
    const token = pushToken();
    const holder = await app.sql.connect();
    await holder.query('BEGIN');
    await holder.query('UPDATE sessions SET revoked_at = now() WHERE user_id = $1', [gil.uuid]);
    const input = { ...PHONE, pushToken: token };
    const answer = app.query(documentOf('registerDevice'), { input }, gil);
    await eventually('it waits', async () => (await waitingOnLocks(app)) > 0);
    await holder.query('COMMIT');
    holder.release();
    expect((await answer).errors).toMatchObject([{ extensions: { code: 'UNAUTHENTICATED' } }]);
    expect(await ownerOf(token)).toBeNull();
  });
});

describe('the list of devices', () => {
  it('shows those with a session that lives, the last seen first, to their owner alone', async () => {
    const [hal, ivy] = await Promise.all(['hal', 'ivy'].map((handle) => app.person(handle)));
    if (!hal || !ivy) throw new Error('somebody is missing');
    const phone = await register(hal);
    const tablet = await register(await signInAgain(app, hal), { platform: 'ANDROID', name: 'Tablet' });
    await app.sql.query(`UPDATE sessions SET last_used_at = now() - interval '1 hour' WHERE user_id = $1`, [hal.uuid]);
    await app.sql.query(`UPDATE devices SET last_seen_at = now() - interval '2 hours' WHERE user_id = $1`, [hal.uuid]);
    await app.sql.query(
      `UPDATE sessions SET last_used_at = now() WHERE device_id = (SELECT id FROM devices WHERE name = 'Tablet')`,
    );
    expect((await devicesOf(hal)).map(({ id }: { id: string }) => id)).toEqual([tablet.id, phone.id]);
    expect((await app.ok(NODE, { id: phone.id }, hal)).node).toEqual({ __typename: 'Device', id: phone.id });
    for (const other of [ivy, null]) expect((await app.ok(NODE, { id: phone.id }, other)).node).toBeNull();
    await mutate(app, hal, 'revokeOtherSessions', {});
    expect((await devicesOf(hal)).map(({ id }: { id: string }) => id)).toEqual([phone.id]);
    expect((await app.ok(NODE, { id: tablet.id }, hal)).node).toBeNull();
  });

  it('takes as many statements for many sessions on many devices', async () => {
    const jan = await app.person('jan');
    const all = 'query Screen { viewer { sessions { id device { id } } devices { id } } }';
    await register(jan);
    await app.ok(all, {}, jan);
    const statements = app.statementsOf('Screen');
    for (let n = 0; n < 5; n += 1) await register(await signInAgain(app, jan), { name: `Phone ${n}` });
    const { viewer } = await app.ok(all, {}, jan);
    expect([viewer.sessions.length, viewer.devices.length]).toEqual([6, 6]);
    expect(app.statementsOf('Screen')).toBe(statements);
  });
});

it('devices that nobody is signed in on any more are cleared away by night, with what pushes went by', async () => {
  const ned = await app.person('ned');
  const [gone, kept] = [await signInAgain(app, ned), await signInAgain(app, ned)];
  const [goneToken, keptToken] = [pushToken(), pushToken()];
  await register(gone, { pushToken: goneToken });
  await register(kept, { pushToken: keptToken });
  const long = `now() - interval '90 days'`;
  await app.sql.query(`UPDATE devices SET last_seen_at = ${long} WHERE user_id = $1`, [ned.uuid]);
  await app.sql.query(`UPDATE sessions SET last_used_at = ${long} WHERE id = $1`, [gone.sessionUuid]);
  await app.sql.query(`SELECT graphile_worker.add_job('devices.purge')`);
  await app.jobsDone();
  const { rows } = await app.sql.query('SELECT id FROM devices WHERE user_id = $1', [ned.uuid]);
  expect(rows).toHaveLength(1);
  expect([await ownerOf(goneToken), await ownerOf(keptToken)]).toEqual([null, 'ned']);
});

describe('pushes', () => {
  it('end with the session, whichever way it ends', async () => {
    for (const name of ['signOut', 'signOutEverywhere', 'revokeSession', 'revokeOtherSessions'] as const) {
      const person = await app.person(`ends_${name}`);
      const elsewhere = await signInAgain(app, person);
      const token = pushToken();
      await register(elsewhere, { pushToken: token });
      const by = name === 'signOut' ? elsewhere : person;
      expect(await attempt(app, by, name, name === 'revokeSession' ? { sessionId: elsewhere.sessionId } : {})).toBe(
        'OK',
      );
      expect([name, await ownerOf(token)]).toEqual([name, null]);
    }
  });

  it('go on while another session is on the same phone', async () => {
    const kim = await app.person('kim');
    const token = pushToken();
    const [old, fresh] = [await signInAgain(app, kim), await signInAgain(app, kim)];
    await register(old, { pushToken: token });
    await register(fresh, { pushToken: token });
    await mutate(app, kim, 'revokeSession', { sessionId: old.sessionId });
    expect(await ownerOf(token)).toBe('kim');
    await mutate(app, kim, 'revokeSession', { sessionId: fresh.sessionId });
    expect(await ownerOf(token)).toBeNull();
  });

  it('to somebody else’s phone go on', async () => {
    const [lea, max] = await Promise.all(['lea', 'max'].map((handle) => app.person(handle)));
    if (!lea || !max) throw new Error('somebody is missing');
    const [hers, his] = [pushToken(), pushToken()];
    await register(lea, { pushToken: hers });
    await register(max, { pushToken: his });
    await mutate(app, lea, 'signOut', {});
    expect([await ownerOf(hers), await ownerOf(his)]).toEqual([null, 'max']);
  });
});
