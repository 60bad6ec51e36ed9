import { type Person, startTestApp, type TestApp } from '../support/app';
import { Authenticator, type Bends, otherKey, selfAttestation } from '../support/authenticator';
import { addPasskey, passkey, signInByPasskey, signUpByPasskey, trailOf } from '../support/passkeys';

const PASSKEYS = 'query Passkeys { viewer { passkeys { id name synced backedUp createdAt lastUsedAt } } }';
const NOT_ADDED = { passkey: null, userErrors: [{ code: 'INVALID', path: ['input', 'response'] }] };
const LAST = { removedId: null, userErrors: [{ code: 'FORBIDDEN' }] };

let app: TestApp;
let ada: Person;
let phone: Authenticator;
let made = 0;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());
beforeEach(async () => {
  made += 1;
  ada = await app.person(`ada_${made}`);
  phone = new Authenticator();
});

const passkeysOf = async (person: Person) => (await app.ok(PASSKEYS, {}, person)).viewer.passkeys;
const remove = (person: Person, passkeyId: string) => passkey(app, 'removePasskey', { passkeyId }, person);
const kindsOf = async (person: Person) => (await trailOf(app, person.uuid)).map(({ kind }) => kind);

describe('adding a passkey', () => {
  it('lets its owner sign in by it', async () => {
    const { userErrors, passkey: added } = await addPasskey(app, phone, ada);
    expect(userErrors).toEqual([]);
    expect(added).toMatchObject({ name: 'Passkey', synced: true, backedUp: true, lastUsedAt: null });
    expect(await passkeysOf(ada)).toEqual([added]);
    expect(await signInByPasskey(app, phone)).toMatchObject({ viewer: { user: { id: ada.id } } });
    const [told] = await trailOf(app, ada.uuid);
    expect(told).toMatchObject({ kind: 'key.registered', address: '127.0.0.1', details: { what: 'passkey' } });
    expect(told?.session_id).not.toBeNull();
    expect(JSON.stringify(told)).not.toContain(phone.credentials[0]?.id);
  });

  it('asks for none where one is already, by the account that authenticators know', async () => {
    await addPasskey(app, phone, ada);
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, ada);
    const { excludeCredentials, user } = JSON.parse(options);
    const [credential] = phone.credentials;
    expect(excludeCredentials).toEqual([
      { id: credential?.id, type: 'public-key', transports: ['internal', 'hybrid'] },
    ]);
    expect(user.id).toBe(credential?.userHandle);
    expect(() => phone.create(options)).toThrow('InvalidStateError');
  });

  it('names it as its owner says, and refuses what is no name', async () => {
    expect(await addPasskey(app, phone, ada, {}, ' Blue phone ')).toMatchObject({ passkey: { name: 'Blue phone' } });
    const refused = await addPasskey(app, new Authenticator(), ada, {}, 'x'.repeat(61));
    expect(refused).toMatchObject({ userErrors: [{ code: 'INVALID', path: ['input', 'name'] }] });
  });

  it('answers a retry with the same key without adding another', async () => {
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, ada);
    const input = { response: phone.create(options), clientMutationId: 'again' };
    const first = await passkey(app, 'finishPasskeyRegistration', input, ada);
    expect(first).toMatchObject({ replayed: false, userErrors: [] });
    expect(await passkey(app, 'finishPasskeyRegistration', input, ada)).toEqual({ ...first, replayed: true });
    expect(await passkeysOf(ada)).toHaveLength(1);
  });

  it('takes a statement by the passkey itself', async () => {
    expect(await addPasskey(app, phone, ada, { attestation: selfAttestation })).toMatchObject({ userErrors: [] });
  });

  it.each<[string, Bends]>([
    ['another origin', { origin: 'https://evil.example' }],
    ['a frame around it', { crossOrigin: true }],
    ['another relying party', { rpId: 'evil.example' }],
    ['another type', { type: 'webauthn.get' }],
    ['another challenge', { challenge: 'AAAA' }],
    ['nobody having touched it', { without: ['present'] }],
    ['nobody verified', { without: ['verified'] }],
    ['no passkey in it', { without: ['attested'] }],
    ['a statement signed by another key', { attestation: (data, hash) => selfAttestation(data, hash, otherKey()) }],
    [
      'a statement about something else',
      { attestation: (data, hash, key) => selfAttestation(data, hash.fill(0), key) },
    ],
    [
      'a statement of a kind that was not asked for',
      { attestation: (...all) => ({ ...selfAttestation(...all), fmt: 'android-safetynet' }) },
    ],
    ['an empty statement that is not', { attestation: (...all) => ({ ...selfAttestation(...all), fmt: 'none' }) }],
    [
      'half of it',
      { after: (response) => ({ ...response, attestationObject: response['attestationObject']?.slice(0, 90) }) },
    ],
  ])('refuses an answer with %s, and tells it in the audit trail', async (_what, bends) => {
    expect(await addPasskey(app, phone, ada, bends)).toMatchObject(NOT_ADDED);
    expect(await passkeysOf(ada)).toEqual([]);
    const [told] = await trailOf(app, ada.uuid);
    expect(told).toMatchObject({ kind: 'proof.refused', address: '127.0.0.1', details: { method: 'passkey' } });
  });

  it('looks into no certificates, since checking them would fetch what they name', async () => {
    await addPasskey(app, phone, ada, {
      attestation: (...all) => ({ fmt: 'packed', attStmt: selfAttestation(...all).attStmt.set('x5c', []) }),
    });
    const [line] = app.log.filter(({ msg }) => msg === 'passkey not registered').slice(-1);
    expect(line?.['why']).toBe('attestation of format packed');
  });

  it('refuses the challenge of somebody else, and of another session of the same person', async () => {
    const eve = await app.person(`eve_${made}`);
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, eve);
    const response = phone.create(options);
    expect(await passkey(app, 'finishPasskeyRegistration', { response }, ada)).toMatchObject(NOT_ADDED);
    const first = await signUpByPasskey(app, phone, `two_sessions_${made}`);
    const second = { ...first, token: (await signInByPasskey(app, phone)).accessToken };
    const { options: begun } = await passkey(app, 'beginPasskeyRegistration', {}, first);
    const answer = new Authenticator().create(begun);
    expect(await passkey(app, 'finishPasskeyRegistration', { response: answer }, second)).toMatchObject(NOT_ADDED);
  });

  it('refuses a passkey that is registered already, with whichever account', async () => {
    await addPasskey(app, phone, ada);
    const eve = await app.person(`eve_${made}`);
    const credentialId = phone.credentials[0]?.id ?? '';
    for (const person of [ada, eve]) {
      expect(await addPasskey(app, new Authenticator(), person, { credentialId })).toMatchObject({
        userErrors: [{ code: 'CONFLICT' }],
      });
    }
    const { options } = await passkey(app, 'beginPasskeySignUp', { name: 'Eve', handle: `thief_${made}` });
    const response = new Authenticator().create(options, { credentialId });
    expect(await passkey(app, 'finishPasskeySignUp', { response })).toMatchObject({
      viewer: null,
      userErrors: [{ code: 'CONFLICT' }],
    });
    expect((await app.sql.query('SELECT FROM users WHERE handle = $1', [`thief_${made}`])).rowCount).toBe(0);
  });

  it('uses a challenge once, also for twenty answers at once', async () => {
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, ada);
    const responses = Array.from({ length: 20 }, () => new Authenticator().create(options));
    const ends = await Promise.all(
      responses.map((response) => passkey(app, 'finishPasskeyRegistration', { response }, ada)),
    );
    expect(ends.filter(({ passkey: added }) => added)).toHaveLength(1);
    expect(await passkeysOf(ada)).toHaveLength(1);
  });

  it('stops at ten, also when they come at once', async () => {
    const begun = await Promise.all(
      Array.from({ length: 12 }, () => passkey(app, 'beginPasskeyRegistration', {}, ada)),
    );
    await Promise.all(
      begun.map(({ options }) =>
        passkey(app, 'finishPasskeyRegistration', { response: new Authenticator().create(options) }, ada),
      ),
    );
    expect(await passkeysOf(ada)).toHaveLength(10);
    const refused = await passkey(app, 'beginPasskeyRegistration', {}, ada);
    expect(refused).toMatchObject({ options: null, userErrors: [{ code: 'FORBIDDEN' }] });
  });
});

describe('the passkeys of an account', () => {
  it('are renamed by their owner alone', async () => {
    const { passkey: added } = await addPasskey(app, phone, ada);
    const rename = (person: Person) => passkey(app, 'renamePasskey', { passkeyId: added.id, name: 'Work' }, person);
    expect(await rename(ada)).toMatchObject({ userErrors: [], passkey: { id: added.id, name: 'Work' } });
    const eve = await app.person(`eve_${made}`);
    expect(await rename(eve)).toMatchObject({ passkey: null, userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await remove(eve, added.id)).toMatchObject({ removedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
    expect(await passkeysOf(ada)).toMatchObject([{ name: 'Work' }]);
    expect(await passkeysOf(eve)).toEqual([]);
  });

  it('open nothing once they are removed', async () => {
    const owner = await signUpByPasskey(app, phone, `remover_${made}`);
    const { passkey: second } = await addPasskey(app, new Authenticator(), owner);
    const [first] = await passkeysOf(owner);
    expect(await remove(owner, first.id)).toMatchObject({ userErrors: [], removedId: first.id });
    expect(await passkeysOf(owner)).toEqual([second]);
    expect(await signInByPasskey(app, phone)).toMatchObject({ userErrors: [{ code: 'INVALID_CREDENTIALS' }] });
    expect((await kindsOf(owner)).at(-1)).toBe('key.removed');
  });

  it('keep the last way into the account, also when the last two are removed at once', async () => {
    const owner = await signUpByPasskey(app, phone, `last_${made}`);
    const [only] = await passkeysOf(owner);
    expect(await remove(owner, only.id)).toMatchObject(LAST);
    expect(await kindsOf(owner)).not.toContain('key.removed');
    const { passkey: second } = await addPasskey(app, new Authenticator(), owner);
    const ends = await Promise.all([only.id, second.id].map((id) => remove(owner, id)));
    expect(ends.filter(({ removedId }) => removedId)).toHaveLength(1);
    expect(ends.filter(({ removedId }) => !removedId)).toMatchObject([LAST]);
    expect(await passkeysOf(owner)).toHaveLength(1);
  });

  it('may all go where there is a password', async () => {
    const input = {
      name: 'Pat',
      handle: `pat_${made}`,
      email: `pat_${made}@example.com`,
      password: 'blue kettle on the roof',
    };
    const document = `mutation SignUp($input: SignUpInput!) { signUp(input: $input) { accessToken viewer { user { id } } } }`;
    const { signUp } = await app.ok(document, { input });
    const pat = { uuid: '', id: signUp.viewer.user.id, handle: input.handle, token: signUp.accessToken };
    const { passkey: added } = await addPasskey(app, phone, pat);
    expect(await remove(pat, added.id)).toMatchObject({ userErrors: [], removedId: added.id });
  });

  it('leave no challenge behind that nobody answered in time', async () => {
    await passkey(app, 'beginPasskeySignIn', {});
    await app.sql.query(`UPDATE passkey_challenges SET expires_at = now() - interval '1 s'`);
    await app.sql.query(`SELECT graphile_worker.add_job('passkeys.purge-challenges')`);
    await app.jobsDone();
    expect((await app.sql.query('SELECT FROM passkey_challenges')).rowCount).toBe(0);
  });
});

describe('who has not shown who they are for a while', () => {
  const age = (person: Person) =>
    app.sql.query(`UPDATE sessions SET authenticated_at = now() - interval '1 h' WHERE user_id = $1`, [person.uuid]);
  const STALE = { userErrors: [{ code: 'STEP_UP_REQUIRED' }] };
  const begin = async (as: Person) => (await passkey(app, 'beginPasskeyConfirmation', {}, as)).options;
  const finish = (response: string, as: Person) => passkey(app, 'finishPasskeyConfirmation', { response }, as);
  let owner: Person;

  beforeEach(async () => {
    owner = await signUpByPasskey(app, phone, `stale_${made}`);
    await age(owner);
  });

  it('may neither add nor remove passkeys, and may again once a passkey has shown it', async () => {
    const [only] = await passkeysOf(owner);
    expect(await passkey(app, 'beginPasskeyRegistration', {}, owner)).toMatchObject({ options: null, ...STALE });
    expect(await remove(owner, only.id)).toMatchObject({ removedId: null, ...STALE });
    const options = await begin(owner);
    expect(JSON.parse(options).allowCredentials).toMatchObject([{ id: phone.credentials[0]?.id }]);
    const confirmed = await finish(phone.get(options), owner);
    expect(confirmed).toEqual({ userErrors: [], confirmedUntil: expect.any(String) });
    expect((await trailOf(app, owner.uuid)).at(-1)).toMatchObject({
      kind: 'session.confirmed',
      address: '127.0.0.1',
      session_id: expect.any(String),
    });
    expect((await addPasskey(app, new Authenticator(), owner)).userErrors).toEqual([]);
  });

  it('may leave the handle out, since the passkeys were named', async () => {
    const confirmed = await finish(phone.get(await begin(owner), { userHandle: null }), owner);
    expect(confirmed.userErrors).toEqual([]);
  });

  it('shows it by a good answer of an own passkey in this session alone', async () => {
    const REFUSED = { confirmedUntil: null, userErrors: [{ code: 'INVALID_CREDENTIALS', path: ['input'] }] };
    const stranger = new Authenticator();
    const eve = await signUpByPasskey(app, stranger, `eve_${made}`);
    const signedIn = await signInByPasskey(app, phone);
    const other = { ...owner, token: signedIn.accessToken };
    const challengeOf = (options: string) => ({ challenge: JSON.parse(options).challenge });
    const { options: signIn } = await passkey(app, 'beginPasskeySignIn', {});
    const responses = [
      stranger.get(await begin(owner)),
      stranger.get(await begin(eve)),
      phone.get(await begin(eve)),
      phone.get(await begin(other)),
      phone.get(signIn),
      phone.get(await begin(owner), { key: otherKey() }),
      phone.get(await begin(owner), { without: ['verified'] }),
      phone.get(await begin(owner), { origin: 'https://evil.example' }),
    ];
    for (const response of responses) expect(await finish(response, owner)).toMatchObject(REFUSED);
    expect(await passkey(app, 'beginPasskeyRegistration', {}, owner)).toMatchObject(STALE);
    const refusals = (await trailOf(app, owner.uuid)).filter(({ kind }) => kind === 'proof.refused');
    expect(refusals.map(({ details }) => details['why'])).toEqual([
      ...['account', 'challenge', 'challenge', 'challenge', 'challenge', 'response', 'response', 'response'],
    ]);
    expect(await signInByPasskey(app, phone, challengeOf(await begin(owner)))).toMatchObject({
      userErrors: [{ code: 'INVALID_CREDENTIALS' }],
    });
  });

  it('is refused without any passkey', async () => {
    expect(await passkey(app, 'beginPasskeyConfirmation', {}, ada)).toMatchObject({
      options: null,
      userErrors: [{ code: 'FORBIDDEN' }],
    });
  });
});
