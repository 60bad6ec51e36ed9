import { createHash } from 'node:crypto';
import { newId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';
import { link, malleate, personOf, signInBy, unlink } from '../support/issuers';
import { APP_CLIENT, type OidcIssuer, startOidcIssuer } from '../support/oidc-issuer';
import { auditOf, member, waiting } from '../support/passwords';
import { type ScriptedIssuer, startScriptedIssuer } from '../support/scripted-issuer';
import { mutate } from '../support/verbs';

let provider: OidcIssuer;
let scripted: ScriptedIssuer;
let closed: ScriptedIssuer;
let app: TestApp;

beforeAll(async () => {
  [provider, scripted, closed] = await Promise.all([startOidcIssuer(), startScriptedIssuer(), startScriptedIssuer()]);
  const issuers = [
    { issuer: provider.url, name: 'provider', audiences: [APP_CLIENT] },
    { issuer: scripted.url, name: 'scripted', audiences: [APP_CLIENT] },
    { issuer: closed.url, name: 'closed', audiences: [APP_CLIENT], createAccounts: false },
  ];
  app = await startTestApp({ env: { OIDC_ISSUERS: JSON.stringify(issuers) } });
});
afterAll(async () => {
  await app.close();
  await Promise.all([provider.stop(), scripted.close(), closed.close()]);
});

/** Another token than the last: without a nonce, two of one second would be the same. */
const fresh = async (subject: string) => ({ ...pick(await provider.signIn(subject, { nonce: 'n' })), nonce: 'n' });
const pick = ({ idToken }: { idToken: string }) => ({ idToken });

const countUsers = async () => (await app.sql.query('SELECT count(*)::int AS n FROM users')).rows[0].n;

describe('signing in by the ID token of another issuer', () => {
  it('makes an account at first, and signs in to it from then on', async () => {
    const first = await signInBy(app, (await provider.signIn('zoe')).idToken);
    expect(first).toMatchObject({
      userErrors: [],
      replayed: false,
      viewer: { user: { handle: 'zoe_of_elsewhere', name: 'zoe of Elsewhere', email: null } },
    });
    expect(first.viewer.identities).toMatchObject([{ issuer: 'provider' }]);
    const who = await app.ok('{ viewer { user { handle } } }', {}, personOf(first));
    expect(who.viewer.user.handle).toBe('zoe_of_elsewhere');
    const again = await signInBy(app, await fresh('zoe'));
    expect(again.viewer.id).toBe(first.viewer.id);
    expect(again.refreshToken).not.toBe(first.refreshToken);
  });

  it('takes the nonce that the app made, and no token with a nonce without it', async () => {
    const { idToken } = await provider.signIn('nonce', { nonce: 'made by the app' });
    for (const nonce of [undefined, 'another', '']) {
      const refused = await signInBy(app, { idToken, ...(nonce !== undefined && { nonce }) });
      expect(refused.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS', path: ['input', 'idToken'] }]);
    }
    expect((await signInBy(app, { idToken, nonce: 'made by the app' })).userErrors).toEqual([]);
    const without = await provider.signIn('nonce');
    expect((await signInBy(app, { idToken: without.idToken, nonce: 'x' })).userErrors).toHaveLength(1);
  });

  it('makes one account of fifty first sign-ins at once', async () => {
    const before = await countUsers();
    const tokens = await Promise.all(
      Array.from({ length: 50 }, () => scripted.sign('everybody', { name: 'Every Body' })),
    );
    const answers = await Promise.all(tokens.map((idToken) => signInBy(app, idToken)));
    expect(answers.flatMap((each) => each.userErrors)).toEqual([]);
    expect(new Set(answers.map((each) => each.viewer.id)).size).toBe(1);
    expect(new Set(answers.map((each) => each.refreshToken)).size).toBe(50);
    expect(await countUsers()).toBe(before + 1);
  });

  it('makes fifty accounts of fifty people of the same name at once', async () => {
    const tokens = await Promise.all(Array.from({ length: 50 }, (_, n) => scripted.sign(`sam${n}`, { name: 'Sam' })));
    const answers = await Promise.all(tokens.map((idToken) => signInBy(app, idToken)));
    expect(answers.flatMap((each) => each.userErrors)).toEqual([]);
    expect(new Set(answers.map((each) => each.viewer.user.handle.toLowerCase())).size).toBe(50);
  });

  it('takes a name and a handle of the app over what the issuer says', async () => {
    const { viewer } = await signInBy(app, {
      idToken: await scripted.sign('chosen', { name: 'Real Name' }),
      name: 'Chosen',
      handle: 'chosen_one',
    });
    expect(viewer.user).toMatchObject({ name: 'Chosen', handle: 'chosen_one' });
  });

  it.each([
    ['accents', { name: 'Zoë Müller' }, 'zoe_muller', 'Zoë Müller'],
    ['parts', { given_name: 'Grace', family_name: 'Hopper' }, 'grace_hopper', 'Grace Hopper'],
    ['another script', { name: '王小明' }, 'user', '王小明'],
    ['a reserved word', { name: 'Admin' }, 'user_', 'Admin'],
    [
      'controls and too much of it',
      { name: `A\n\u202e${'n'.repeat(80)}` },
      `a_${'n'.repeat(28)}`,
      `A ${'n'.repeat(58)}`,
    ],
    ['an address for a name', { name: 'secret@example.com', nickname: 'Nick' }, 'nick', 'Nick'],
  ])('makes a handle of a name with %s', async (what, claims, handle, name) => {
    const { viewer, userErrors } = await signInBy(app, await scripted.sign(`named with ${what}`, claims));
    expect(userErrors).toEqual([]);
    expect(viewer.user).toMatchObject({ handle, name });
  });

  it('asks for a name where nobody says one, and leaves the token for the next try', async () => {
    const idToken = await scripted.sign('nameless');
    expect((await signInBy(app, idToken)).userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'name'] }]);
    expect((await signInBy(app, { idToken, name: 'Named' })).viewer.user.handle).toBe('named');
  });

  it('offers others in place of a handle that is taken, and leaves the token for the next try', async () => {
    await app.person('taken');
    const idToken = await scripted.sign('taker', { name: 'Taker' });
    const refused = await signInBy(app, { idToken, handle: 'Taken' });
    expect(refused.userErrors).toMatchObject([{ code: 'CONFLICT', path: ['input', 'handle'] }]);
    const [suggestion] = refused.userErrors[0].suggestions;
    expect((await signInBy(app, { idToken, handle: suggestion })).viewer.user.handle).toBe(suggestion);
    const wrong = await signInBy(app, { idToken: await scripted.sign('wrong', { name: 'W' }), handle: '1x' });
    expect(wrong.userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'handle'] }]);
  });

  it('makes no account where the issuer is not to make any, and signs in to linked ones', async () => {
    const before = await countUsers();
    const refused = await signInBy(app, await closed.sign('stranger', { name: 'Stranger' }));
    expect(refused.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    expect(await countUsers()).toBe(before);
    const person = await app.person('employee');
    expect((await link(app, person, await closed.sign('employee'))).userErrors).toEqual([]);
    expect((await signInBy(app, await closed.sign('employee'))).viewer.user.handle).toBe('employee');
  });

  it('does not let a deleted account in, nor make it anew', async () => {
    await signInBy(app, { idToken: await scripted.sign('leaver'), handle: 'leaver' });
    await app.sql.query(`UPDATE users SET deleted_at = now() WHERE handle = 'leaver'`);
    const refused = await signInBy(app, { idToken: await scripted.sign('leaver'), handle: 'leaver2' });
    expect(refused.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });
});

describe('an e-mail address in an ID token', () => {
  const EMAIL = 'victim@example.com';
  let victim: string;

  beforeAll(async () => {
    const input = { name: 'Victim', handle: 'victim', email: EMAIL, password: 'correct horse battery' };
    const made = await app.ok('mutation M($input: SignUpInput!) { signUp(input: $input) { viewer { id } } }', {
      input,
    });
    victim = made.signUp.viewer.id;
  });

  it.each([
    ['verified', { email: EMAIL, email_verified: true }],
    ['verified as a text, in other case', { email: 'VICTIM@example.com ', email_verified: 'true' }],
  ])('that is %s links nothing, and says how to link', async (_what, claims) => {
    const refused = await signInBy(app, await scripted.sign('thief', { name: 'Thief', ...claims }));
    expect(refused).toMatchObject({ accessToken: null, viewer: null, userErrors: [{ code: 'CONFLICT' }] });
    expect(refused.userErrors[0].message).toContain('linkIdentity');
  });

  it.each([
    ['not verified', { email: EMAIL, email_verified: false }],
    ['not said to be verified', { email: EMAIL }],
    ['not verified, as a text', { email: EMAIL, email_verified: 'false' }],
  ])('that is %s is nobody’s: it neither links nor tells whether there is such an account', async (what, claims) => {
    const { viewer, userErrors } = await signInBy(app, await scripted.sign(what, { name: 'Thief', ...claims }));
    expect(userErrors).toEqual([]);
    expect(viewer.id).not.toBe(victim);
    expect(viewer.user.email).toBeNull();
  });
});

describe('an ID token that comes twice', () => {
  it('signs nobody in, however its signature is written', async () => {
    const idToken = await scripted.sign('copied', { name: 'Copied' });
    expect((await signInBy(app, { idToken, clientMutationId: newId() })).userErrors).toEqual([]);
    for (const again of [{ idToken }, { idToken, clientMutationId: newId() }, { idToken: malleate(idToken) }]) {
      expect(await signInBy(app, again)).toMatchObject({
        accessToken: null,
        userErrors: [{ code: 'INVALID_CREDENTIALS', message: expect.stringContaining('has been used') }],
      });
    }
  });

  it('with the same clientMutationId is a retry: one session is left of all of them', async () => {
    const input = { idToken: await scripted.sign('retrier', { name: 'Retrier' }), clientMutationId: newId() };
    const answers = await Promise.all(Array.from({ length: 6 }, () => signInBy(app, input)));
    expect(answers.flatMap((each) => each.userErrors)).toEqual([]);
    expect(answers.filter((each) => !each.replayed)).toHaveLength(1);
    const { rows } = await app.sql.query(
      `SELECT count(*)::int AS live FROM sessions s JOIN users u ON u.id = s.user_id
       WHERE u.handle = 'retrier' AND s.revoked_at IS NULL`,
    );
    expect(rows[0].live).toBe(1);
  });

  it('with the same clientMutationId does not bring back a session that was signed out', async () => {
    const input = { idToken: await scripted.sign('outgoing', { name: 'Outgoing' }), clientMutationId: newId() };
    const person = personOf(await signInBy(app, input));
    await app.ok('mutation { signOut(input: {}) { replayed } }', {}, person);
    expect((await signInBy(app, input)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('neither links what it has signed in, nor signs in what it has linked', async () => {
    const used = await scripted.sign('once', { name: 'Once' });
    const once = personOf(await signInBy(app, used));
    expect((await link(app, once, used)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    const linked = await scripted.sign('once more');
    expect((await link(app, once, linked)).userErrors).toEqual([]);
    expect((await signInBy(app, linked)).userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
  });

  it('is forgotten once it has ended', async () => {
    await app.sql.query(`UPDATE spent_id_tokens SET expires_at = now() - interval '1 second'`);
    await app.sql.query(`SELECT graphile_worker.add_job('issuers.purge-ended')`);
    await app.jobsDone();
    expect((await app.sql.query('SELECT 1 FROM spent_id_tokens')).rows).toEqual([]);
  });
});

describe('identities', () => {
  it('are linked, listed and given up', async () => {
    const person = personOf(await signInBy(app, await scripted.sign('owner', { name: 'Owner' })));
    const linked = await link(app, person, (await provider.signIn('owner')).idToken);
    expect(linked).toMatchObject({ userErrors: [], identity: { issuer: 'provider' } });
    const { viewer } = await app.ok('{ viewer { identities { id issuer } } }', {}, person);
    expect(viewer.identities.map((each: { issuer: string }) => each.issuer)).toEqual(['scripted', 'provider']);
    expect((await signInBy(app, await fresh('owner'))).viewer.user.handle).toBe('owner');
    const [first, second] = viewer.identities;
    expect(await unlink(app, person, second.id)).toMatchObject({ userErrors: [], unlinkedId: second.id });
    expect((await unlink(app, person, second.id)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
    expect((await unlink(app, person, first.id)).userErrors).toMatchObject([{ code: 'FORBIDDEN' }]);
  });

  it('of somebody else are neither linked nor given up', async () => {
    const owner = personOf(await signInBy(app, await scripted.sign('mine', { name: 'Mine' })));
    const other = await app.person('other_one');
    expect((await link(app, other, await scripted.sign('mine'))).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
    const { viewer } = await app.ok('{ viewer { identities { id } } }', {}, owner);
    expect((await unlink(app, other, viewer.identities[0].id)).userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });

  it('may be the only way to sign in, and are then kept, also when two go at once', async () => {
    const owner = personOf(await signInBy(app, await scripted.sign('two ways', { name: 'Two Ways' })));
    await link(app, owner, await scripted.sign('second way'));
    const { viewer } = await app.ok('{ viewer { identities { id } } }', {}, owner);
    const ids = viewer.identities.map((each: { id: string }) => each.id);
    const answers = await Promise.all(ids.map((id: string) => unlink(app, owner, id)));
    expect(answers.filter((each) => each.userErrors.length === 0)).toHaveLength(1);
  });

  it('are linked again without effect, and a retry is answered after the token has ended', async () => {
    const owner = await app.person('relinker');
    const first = await link(app, owner, await scripted.sign('relinked'));
    expect((await link(app, owner, await scripted.sign('relinked'))).identity.id).toBe(first.identity.id);
    const input = { idToken: await scripted.sign('retried'), clientMutationId: newId() };
    expect(await link(app, owner, input)).toMatchObject({ replayed: false, userErrors: [] });
    expect(await link(app, owner, input)).toMatchObject({ replayed: true, userErrors: [] });
  });

  it('are linked and unlinked only by who has shown a short while ago who they are', async () => {
    const owner = personOf(await signInBy(app, await scripted.sign('stale', { name: 'Stale One' })));
    await link(app, owner, await scripted.sign('stale, too'));
    const { viewer } = await app.ok('{ viewer { identities { id } } }', {}, owner);
    const aged = `UPDATE sessions SET authenticated_at = now() - interval '11 minutes'
      WHERE user_id = (SELECT user_id FROM user_handles WHERE handle_key = $1)`;
    expect((await app.sql.query(aged, [owner.handle])).rowCount).toBe(1);
    const stepUp = [{ code: 'STEP_UP_REQUIRED' }];
    expect((await link(app, owner, await scripted.sign('stranger'))).userErrors).toMatchObject(stepUp);
    expect((await unlink(app, owner, viewer.identities[0].id)).userErrors).toMatchObject(stepUp);
    const after = await app.ok('{ viewer { identities { id } } }', {}, owner);
    expect(after.viewer.identities).toEqual(viewer.identities);
  });

  it('go when the password is reset of an account whose address nobody had verified, also those on their way', async () => {
    const maker = await member(app, 'trojan');
    expect((await link(app, maker, await scripted.sign('trojan'))).userErrors).toEqual([]);
    await app.jobsDone();
    await mutate(app, null, 'requestPasswordReset', { email: maker.email });
    await app.jobsDone();
    const token = 'x'.repeat(43);
    const tokenHash = createHash('sha256').update(token).digest('base64url');
    await app.sql.query(`UPDATE mails SET token_hash = $1 WHERE kind = 'reset-password'`, [tokenHash]);
    const holder = await app.sql.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [maker.uuid]);
    const resetting = mutate(app, null, 'resetPassword', { token, newPassword: 'another horse battery' });
    await waiting(app, 1);
    const linking = link(app, maker, await scripted.sign('trojan, too')).catch(String);
    await waiting(app, 2);
    await holder.query('COMMIT');
    holder.release();
    expect((await resetting).userErrors).toEqual([]);
    expect(await linking).toMatch('UNAUTHENTICATED');
    const { rows } = await app.sql.query('SELECT FROM identities WHERE user_id = $1', [maker.uuid]);
    expect(rows).toEqual([]);
    expect(await auditOf(app, maker)).toContain('identity.unlinked');
  });

  it('are ten at most', async () => {
    const owner = await app.person('collector');
    for (let n = 0; n < 10; n += 1) {
      expect((await link(app, owner, await scripted.sign(`one of ten ${n}`))).userErrors).toEqual([]);
    }
    expect((await link(app, owner, await scripted.sign('eleventh'))).userErrors).toMatchObject([{ code: 'CONFLICT' }]);
  });
});
