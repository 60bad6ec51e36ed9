import { type Person, startTestApp, type TestApp } from '../support/app';
import { Authenticator, type Bends, otherKey } from '../support/authenticator';
import { addPasskey, passkey, signInByPasskey, signUpByPasskey, trailOf } from '../support/passkeys';

const PASSKEYS = 'query Passkeys { viewer { passkeys { id name synced backedUp createdAt lastUsedAt } } }';
const WHO = 'query Who { viewer { user { handle } } }';
const REFUSED = { viewer: null, accessToken: null, userErrors: [{ code: 'INVALID_CREDENTIALS', path: ['input'] }] };
const NOT_ADDED = { userErrors: [{ code: 'INVALID', path: ['input', 'response'] }] };
const FINGERPRINT = Array.from({ length: 32 }, (_, i) => i.toString(16).padStart(2, '0')).join(':');
const APK = 'android:apk-key-hash:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';

let app: TestApp;
let made = 0;

beforeAll(async () => {
  app = await startTestApp({
    env: {
      PASSKEY_ORIGINS: 'https://app.example.com',
      ANDROID_APPS: `com.example.app=${FINGERPRINT}`,
      APPLE_APPS: 'ABCDE12345.com.example.app,ABCDE12345.com.example.beta',
    },
  });
});
afterAll(() => app.close());

/** Somebody with an account that only a passkey on this phone opens. */
async function newcomer(phone = new Authenticator()): Promise<{ phone: Authenticator; person: Person }> {
  made += 1;
  return { phone, person: await signUpByPasskey(app, phone, `keyed_${made}`) };
}
const beginSignIn = async (login?: string) => (await passkey(app, 'beginPasskeySignIn', { login })).options;
const finishSignIn = (response: string) => passkey(app, 'finishPasskeySignIn', { response });
const lastOf = async (userId: string | null) => (await trailOf(app, userId)).at(-1);
const passkeysOf = async (person: Person) => (await app.ok(PASSKEYS, {}, person)).viewer.passkeys;

describe('signing up by passkey', () => {
  it('makes an account without a password, and signs in to it', async () => {
    const phone = new Authenticator();
    const { options } = await passkey(app, 'beginPasskeySignUp', { name: 'Ada', handle: 'ada' });
    const asked = JSON.parse(options);
    expect(asked).toMatchObject({
      rp: { id: 'localhost', name: 'Portico' },
      user: { name: 'ada', displayName: 'Ada' },
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
      attestation: 'none',
      pubKeyCredParams: [{ alg: -7 }, { alg: -8 }, { alg: -257 }],
    });
    const answer = await passkey(app, 'finishPasskeySignUp', { response: phone.create(options) });
    expect(answer).toMatchObject({ userErrors: [], viewer: { user: { handle: 'ada', name: 'Ada', email: null } } });
    const { rows } = await app.sql.query(`SELECT id FROM users WHERE handle = 'ada'`);
    const person = { uuid: rows[0].id, id: '', handle: 'ada', token: answer.accessToken };
    expect(await app.ok(WHO, {}, person)).toEqual({ viewer: { user: { handle: 'ada' } } });
    // What authenticators know the account by says nothing about it.
    expect(Buffer.from(asked.user.id, 'base64url')).toHaveLength(32);
    expect((await trailOf(app, person.uuid)).map(({ kind }) => kind)).toEqual([
      'account.created',
      'key.registered',
      'session.opened',
    ]);
    expect((await lastOf(person.uuid))?.details).toMatchObject({ method: 'passkey' });
  });

  it('says before a passkey is made that the handle is taken or no handle', async () => {
    const { person } = await newcomer();
    const taken = await passkey(app, 'beginPasskeySignUp', { name: 'X', handle: person.handle.toUpperCase() });
    expect(taken).toMatchObject({ options: null, userErrors: [{ code: 'CONFLICT', path: ['input', 'handle'] }] });
    const wrong = await passkey(app, 'beginPasskeySignUp', { name: ' ', handle: '1' });
    expect(wrong.userErrors).toMatchObject([{ path: ['input', 'handle'] }, { path: ['input', 'name'] }]);
  });

  it('makes one account of two that began with the same handle', async () => {
    const begun = await Promise.all(
      [1, 2].map(() => passkey(app, 'beginPasskeySignUp', { name: 'Same', handle: 'same_handle' })),
    );
    const ends = await Promise.all(
      begun.map(({ options }) =>
        passkey(app, 'finishPasskeySignUp', { response: new Authenticator().create(options) }),
      ),
    );
    expect(ends.filter(({ viewer }) => viewer)).toHaveLength(1);
    expect(ends.flatMap(({ userErrors }) => userErrors)).toMatchObject([{ code: 'CONFLICT' }]);
  });

  it('leaves no password that would fit', async () => {
    const { person } = await newcomer();
    for (const password of ['', ' ', 'null', 'undefined', 'correct horse battery']) {
      const document = `mutation SignIn($input: SignInInput!) { signIn(input: $input) { userErrors { code } } }`;
      const { signIn } = await app.ok(document, { input: { login: person.handle, password } });
      expect(signIn.userErrors).toEqual([{ code: 'INVALID_CREDENTIALS' }]);
    }
  });
});

describe('signing in by passkey', () => {
  it('needs no login: the passkey says whose it is', async () => {
    const { phone, person } = await newcomer();
    const options = JSON.parse(await beginSignIn());
    expect(options).toMatchObject({ rpId: 'localhost', userVerification: 'required', allowCredentials: [] });
    expect(await signInByPasskey(app, phone)).toMatchObject({
      userErrors: [],
      viewer: { user: { handle: person.handle } },
    });
    expect(await lastOf(person.uuid)).toMatchObject({
      kind: 'session.opened',
      address: '127.0.0.1',
      details: { method: 'passkey' },
    });
    expect(await passkeysOf(person)).toMatchObject([{ synced: true, backedUp: true, lastUsedAt: expect.any(String) }]);
  });

  it('takes the passkey of the login that was given, and of no other', async () => {
    const { phone, person } = await newcomer();
    const other = await newcomer();
    const right = await finishSignIn(phone.get(await beginSignIn(` ${person.handle.toUpperCase()} `)));
    expect(right).toMatchObject({ viewer: { user: { handle: person.handle } } });
    expect(await finishSignIn(other.phone.get(await beginSignIn(person.handle)))).toMatchObject(REFUSED);
    expect(await lastOf(other.person.uuid)).toMatchObject({ kind: 'sign-in.refused', details: { why: 'account' } });
  });

  it('answers alike whether there is an account of a login, and whether it has passkeys', async () => {
    const { phone, person } = await newcomer();
    await app.person('keyless');
    const logins = [person.handle, 'keyless', 'nobody_at_all', 'nobody@example.com'];
    const begun = await Promise.all(logins.map((login) => beginSignIn(login)));
    const shapes = begun.map((options) => ({ ...JSON.parse(options), challenge: '' }));
    for (const shape of shapes) expect(shape).toEqual(shapes[0]);
    // Somebody else's good passkey does not tell the unknown logins from the known ones either.
    const stranger = await newcomer();
    const ends = await Promise.all(begun.map((options) => finishSignIn(stranger.phone.get(options))));
    for (const end of ends) expect(end).toEqual(ends[0]);
    expect(ends[0]).toMatchObject(REFUSED);
    expect(phone.credentials).toHaveLength(1);
  });

  it.each(['https://localhost', 'https://app.example.com', APK])('takes the origin %s', async (origin) => {
    const { phone } = await newcomer(new Authenticator(origin));
    expect(await signInByPasskey(app, phone)).toMatchObject({ userErrors: [] });
  });

  it.each<[string, Bends, string]>([
    ['another origin', { origin: 'https://localhost.evil.example' }, 'response'],
    ['the origin of another Android app', { origin: `${APK.slice(0, -1)}9` }, 'response'],
    ['another relying party', { rpId: 'evil.example' }, 'response'],
    ['a frame around it', { crossOrigin: true }, 'response'],
    ['another type', { type: 'webauthn.create' }, 'response'],
    ['another challenge', { challenge: 'AAAA' }, 'challenge'],
    ['nobody having touched it', { without: ['present'] }, 'response'],
    ['nobody verified', { without: ['verified'] }, 'response'],
    ['the signature of another key', { key: otherKey() }, 'response'],
    ['the handle of another account', { userHandle: Buffer.alloc(32, 7).toString('base64url') }, 'account'],
    ['no handle', { userHandle: null }, 'account'],
    [
      'a changed counter',
      {
        after: ({ authenticatorData = '', ...rest }) => {
          const data = Buffer.from(authenticatorData, 'base64url');
          data.writeUInt32BE(7, 33);
          return { ...rest, authenticatorData: data.toString('base64url') };
        },
      },
      'response',
    ],
  ])('refuses an answer with %s', async (_what, bends, why) => {
    const { phone, person } = await newcomer();
    expect(await signInByPasskey(app, phone, bends)).toMatchObject(REFUSED);
    expect(await lastOf(person.uuid)).toMatchObject({
      kind: 'sign-in.refused',
      address: '127.0.0.1',
      details: { method: 'passkey', why },
    });
    expect(await signInByPasskey(app, phone)).toMatchObject({ userErrors: [] });
  });

  it('refuses the answer of one passkey under the name of another', async () => {
    const { phone, person } = await newcomer();
    const other = await newcomer();
    const { id: credentialId, userHandle } = other.phone.credentials[0] ?? { id: '', userHandle: '' };
    expect(await signInByPasskey(app, phone, { credentialId, userHandle })).toMatchObject(REFUSED);
    expect(await lastOf(other.person.uuid)).toMatchObject({ details: { why: 'response' } });
    expect((await lastOf(person.uuid))?.kind).toBe('session.opened');
  });

  it('refuses a passkey that is not known, and one of a deleted account', async () => {
    const { phone, person } = await newcomer();
    expect(await signInByPasskey(app, phone, { credentialId: 'AAAA' })).toMatchObject(REFUSED);
    expect(await lastOf(null)).toMatchObject({ details: { method: 'passkey', why: 'passkey' } });
    await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [person.uuid]);
    expect(await signInByPasskey(app, phone)).toMatchObject(REFUSED);
  });

  it.each(['', '{}', 'null', '[]', '{"id":1}', '{"id":"AA","rawId":"AA","type":"public-key","response":{}}'])(
    'says what to send in place of %j',
    async (response) => {
      expect(await finishSignIn(response)).toMatchObject({
        userErrors: [{ code: 'INVALID', path: ['input', 'response'] }],
      });
    },
  );

  it('refuses a counter that does not go on, as that of a copy, and takes one that stays 0', async () => {
    const { phone, person } = await newcomer();
    for (const counter of [0, 0, 5, 6]) {
      expect(await signInByPasskey(app, phone, { counter })).toMatchObject({ userErrors: [] });
    }
    for (const counter of [6, 5, 0]) {
      expect(await signInByPasskey(app, phone, { counter })).toMatchObject(REFUSED);
      expect(await lastOf(person.uuid)).toMatchObject({ kind: 'sign-in.refused', details: { why: 'counter' } });
    }
    expect(await signInByPasskey(app, phone, { counter: 4_294_967_295 })).toMatchObject({ userErrors: [] });
  });

  it('opens one session for two answers at once with the same counter', async () => {
    const { phone } = await newcomer();
    const begun = await Promise.all(Array.from({ length: 6 }, () => beginSignIn()));
    const ends = await Promise.all(begun.map((options) => finishSignIn(phone.get(options, { counter: 3 }))));
    expect(ends.filter(({ viewer }) => viewer)).toHaveLength(1);
  });

  it('keeps whether the passkey is backed up', async () => {
    const { phone, person } = await newcomer();
    await signInByPasskey(app, phone, { without: ['synced'] });
    expect(await passkeysOf(person)).toMatchObject([{ synced: true, backedUp: false }]);
  });
});

describe('a challenge', () => {
  it('is good once, also for twenty answers at once', async () => {
    const { phone } = await newcomer();
    const response = phone.get(await beginSignIn());
    const ends = await Promise.all(Array.from({ length: 20 }, () => finishSignIn(response)));
    expect(ends.filter(({ viewer }) => viewer)).toHaveLength(1);
    expect(await finishSignIn(response)).toMatchObject(REFUSED);
  });

  it('is used up by an answer that does not hold', async () => {
    const { phone, person } = await newcomer();
    const options = await beginSignIn();
    expect(await finishSignIn(phone.get(options, { key: otherKey() }))).toMatchObject(REFUSED);
    expect(await finishSignIn(phone.get(options))).toMatchObject(REFUSED);
    expect((await lastOf(person.uuid))?.details).toMatchObject({ why: 'challenge' });
    const { options: registering } = await passkey(app, 'beginPasskeyRegistration', {}, person);
    const send = (response: string) => passkey(app, 'finishPasskeyRegistration', { response }, person);
    const other = new Authenticator();
    expect(await send(other.create(registering, { without: ['verified'] }))).toMatchObject(NOT_ADDED);
    expect(await send(other.create(registering))).toMatchObject(NOT_ADDED);
  });

  it('ends after five minutes', async () => {
    const { phone } = await newcomer();
    const late = await beginSignIn();
    const { rows } = await app.sql.query(
      `UPDATE passkey_challenges SET expires_at = expires_at - interval '300 s' RETURNING expires_at - now() < '0 s' AS ended`,
    );
    expect(rows.every(({ ended }) => ended)).toBe(true);
    expect(await finishSignIn(phone.get(late))).toMatchObject(REFUSED);
  });

  it('of one purpose is not good for another', async () => {
    const { phone, person } = await newcomer();
    const { options } = await passkey(app, 'beginPasskeyRegistration', {}, person);
    const { options: signUp } = await passkey(app, 'beginPasskeySignUp', { name: 'P', handle: 'purpose' });
    const challenge = (text: string) => ({ challenge: JSON.parse(text).challenge });
    expect(await signInByPasskey(app, phone, challenge(options))).toMatchObject(REFUSED);
    expect(await signInByPasskey(app, phone, challenge(signUp))).toMatchObject(REFUSED);
    const stranger = new Authenticator();
    for (const wrong of [await beginSignIn(), signUp]) {
      expect(await addPasskey(app, stranger, person, challenge(wrong))).toMatchObject(NOT_ADDED);
    }
    const { options: again } = await passkey(app, 'beginPasskeySignUp', { name: 'P', handle: 'purpose' });
    const response = stranger.create(again, challenge(await beginSignIn()));
    expect(await passkey(app, 'finishPasskeySignUp', { response })).toMatchObject(NOT_ADDED);
  });

  it('is not kept as it is', async () => {
    const { challenge } = JSON.parse(await beginSignIn());
    const { rows } = await app.sql.query('SELECT * FROM passkey_challenges');
    expect(JSON.stringify(rows)).not.toContain(challenge);
  });
});

describe('apps that share passkeys with the domain', () => {
  it('are named in the files that Apple and Google look at', async () => {
    const apple = await fetch(`${app.url}/.well-known/apple-app-site-association`);
    expect(apple.headers.get('content-type')).toContain('application/json');
    expect(await apple.json()).toEqual({
      webcredentials: { apps: ['ABCDE12345.com.example.app', 'ABCDE12345.com.example.beta'] },
    });
    expect(await (await fetch(`${app.url}/.well-known/assetlinks.json`)).json()).toEqual([
      {
        relation: ['delegate_permission/common.get_login_creds'],
        target: {
          namespace: 'android_app',
          package_name: 'com.example.app',
          sha256_cert_fingerprints: [FINGERPRINT.toUpperCase()],
        },
      },
    ]);
  });
});
