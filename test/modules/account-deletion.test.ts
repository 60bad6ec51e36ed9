import { newId } from '../../src/kernel/ids';
import { askToDelete, leave, vouchedKey, whereStands } from '../support/account-deletion';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { brokenInvariants } from '../support/integrity';
import { send, start } from '../support/messaging';
import { type DeviceKey, makeKey, PASSWORD, type SignedIn, signIn, signUp } from '../support/proofs';
import { openRawSocket } from '../support/raw-socket';
import { standingOf } from '../support/sessions';
import { comment, mutate, publish } from '../support/verbs';

let database: TestDatabase;
let app: TestApp;
/** Another process. */
let far: TestApp;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startTestApp({ databaseUrl: database.url });
  far = await startTestApp({ databaseUrl: database.url, env: { JOBS_CONCURRENCY: '0' } });
});
afterAll(async () => {
  await Promise.all([app.close(), far.close()]);
  await database.drop();
});

/** Somebody who has signed up with a key. */
interface Member extends Person {
  readonly key: DeviceKey;
  readonly session: SignedIn;
}

async function member(handle: string): Promise<Member> {
  const key = await makeKey();
  const session = await signUp(app, handle, key);
  const { rows } = await app.sql.query('SELECT id FROM users WHERE handle = $1', [handle]);
  return { uuid: rows[0].id, id: '', handle, token: session.accessToken, key, session };
}

const deletes = ({ token, key }: Member, input: object, by: DeviceKey | null = key, claims = {}) =>
  askToDelete(app, { token, scheme: 'DPoP' }, input, by, claims);
const codeOf = ({ data, errors }: Awaited<ReturnType<typeof deletes>>) =>
  errors?.[0]?.extensions.code ?? data.deleteAccount.userErrors[0]?.code ?? 'OK';
const lives = async ({ handle }: Person) =>
  (await app.ok('query Who($handle: String!) { userByHandle(handle: $handle) { id } }', { handle })).userByHandle !==
  null;

describe('deleteAccount', () => {
  it('is for whoever signs it, has shown who they are a short while ago, and writes the handle', async () => {
    const person = await app.person('careful');
    const by = await vouchedKey(app, person);
    const input = { confirmHandle: 'careful' };
    const ask = async (key: DeviceKey | null, claims = {}, what: object = input) =>
      codeOf(await askToDelete(app, person, what, key, claims));
    expect(await ask(null)).toBe('SIGNATURE_REQUIRED');
    expect(await ask(await makeKey())).toBe('STEP_UP_REQUIRED');
    expect(await ask(by, { gqv: 'AAAA' })).toBe('SIGNATURE_REQUIRED');
    for (const confirmHandle of ['somebody_else', '', 'careful2']) {
      const { data } = await askToDelete(app, person, { confirmHandle }, by);
      expect(data.deleteAccount).toEqual({
        replayed: false,
        deletedId: null,
        userErrors: [{ code: 'INVALID', path: ['input', 'confirmHandle'] }],
      });
    }
    await app.sql.query(`UPDATE sessions SET authenticated_at = now() - interval '11 minutes' WHERE user_id = $1`, [
      person.uuid,
    ]);
    expect(await ask(by)).toBe('STEP_UP_REQUIRED');
    expect(await lives(person)).toBe(true);
    const anonymous = await app.query('mutation { deleteAccount(input: { confirmHandle: "careful" }) { deletedId } }');
    expect(anonymous.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    await vouchedKey(app, person);
    expect(await ask(await vouchedKey(app, person), {}, { confirmHandle: 'Careful' })).toBe('OK');
    expect(await lives(person)).toBe(false);
  });

  it('answers again under its clientMutationId, for whoever has the key, and does nothing else any more', async () => {
    const ann = await member('ann');
    const input = { confirmHandle: 'ann', clientMutationId: newId() };
    const first = await deletes(ann, input);
    expect(first.data.deleteAccount).toMatchObject({ replayed: false, userErrors: [] });
    expect((await deletes(ann, input)).data.deleteAccount).toEqual({ ...first.data.deleteAccount, replayed: true });
    expect(codeOf(await deletes(ann, input, null))).toBe('UNAUTHENTICATED');
    expect(codeOf(await deletes(ann, input, await makeKey()))).toBe('UNAUTHENTICATED');
    expect(codeOf(await deletes(ann, { ...input, clientMutationId: newId() }))).toBe('UNAUTHENTICATED');
    expect(codeOf(await deletes(ann, { confirmHandle: 'ann' }))).toBe('UNAUTHENTICATED');
    const { rows } = await app.sql.query(`SELECT FROM audit_events WHERE kind = 'account.deleted' AND user_id = $1`, [
      ann.uuid,
    ]);
    expect(rows).toHaveLength(1);
  });

  it('deletes nothing in a session that was signed out', async () => {
    const bea = await app.person('bea');
    const by = await vouchedKey(app, bea);
    await mutate(app, bea, 'signOut', {});
    expect(codeOf(await askToDelete(app, bea, { confirmHandle: 'bea' }, by))).toBe('UNAUTHENTICATED');
    expect(await lives(bea)).toBe(true);
  });

  it('sent five times at once deletes once', async () => {
    const cal = await member('cal');
    const input = { confirmHandle: 'cal', clientMutationId: newId() };
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => deletes(cal, input)));
    expect(answers.map(codeOf)).toEqual(Array(5).fill('OK'));
    expect(answers.filter(({ data }) => !data.deleteAccount.replayed)).toHaveLength(1);
    const dot = await app.person('dot');
    const by = await vouchedKey(app, dot);
    const keyless = [1, 2, 3].map(() => askToDelete(app, dot, { confirmHandle: 'dot' }, by));
    expect((await Promise.all(keyless)).map(codeOf).sort()).toEqual(['OK', 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
  });
});

describe('of a deleted account', () => {
  let gone: Member;
  let elsewhere: SignedIn;
  let other: Person;
  let closed: readonly number[];

  beforeAll(async () => {
    other = await app.person('remains');
    gone = await member('quaggagnu');
    elsewhere = await signIn(app, 'quaggagnu');
    const plain: Person = { ...gone, id: '', token: elsewhere.accessToken };
    await mutate(app, plain, 'updateProfile', { name: 'Quillon Gnuworth', bio: 'I keep zorillas' });
    const postId = await publish(app, plain, 'A post about dugongs');
    await comment(app, plain, await publish(app, other), 'A comment about axolotls');
    await comment(app, other, postId, 'Well');
    await mutate(app, plain, 'registerDevice', {
      ...{ platform: 'IOS', appVersion: '1.0', name: 'Quillon’s telephone', pushToken: 'push-of-quaggagnu' },
    });
    await app.sql.query(
      `WITH k AS (INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, aaguid, synced, backed_up, name, created_at)
           VALUES ($2, $1, 'cred-quaggagnu', 'AA', 0, '[]', '0', false, false, 'Quillon’s key', now())),
         h AS (INSERT INTO passkey_handles (user_id, handle) VALUES ($1, 'passhandle-quaggagnu')),
         c AS (INSERT INTO passkey_challenges (challenge_hash, purpose, user_id, details, expires_at)
           VALUES ('challenge-quaggagnu', 'registration', $1, '{}', now() + interval '1 hour')),
         i AS (INSERT INTO identities (issuer, subject, id, user_id, linked_at, signed_in_at)
           VALUES ('https://issuer.example', 'sub-quaggagnu', $2, $1, now(), now())),
         s AS (INSERT INTO issuer_sessions (issuer, subject, issuer_session, session_id, seen_at)
           VALUES ('https://issuer.example', 'sub-quaggagnu', 'sid', $2, now()))
       INSERT INTO oauth_codes (code_hash, user_id, client_id, redirect_uri, code_challenge, created_at, expires_at, password_version)
       VALUES ('code-quaggagnu', $1, 'app', 'app:/', 'x', now(), now() + interval '1 minute', 1)`,
      [gone.uuid, newId()],
    );
    await app.jobsDone();
    const sockets = await Promise.all([app, far].map((each) => openRawSocket(each, elsewhere.accessToken)));
    expect((await deletes(gone, { confirmHandle: 'quaggagnu' })).data.deleteAccount.userErrors).toEqual([]);
    closed = await Promise.all(sockets.map(async (socket) => (await socket.closed).code));
  });

  it('every session has ended, in every process, and its sockets are closed', async () => {
    expect(closed).toEqual([4403, 4403]);
    const plain = { ...gone, token: elsewhere.accessToken };
    expect([await standingOf(app, plain), await standingOf(far, plain)]).toEqual([
      'UNAUTHENTICATED',
      'UNAUTHENTICATED',
    ]);
    const refreshed = await fetch(`${app.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: elsewhere.refreshToken }),
    });
    expect(await refreshed.json()).toMatchObject({ error: 'invalid_grant' });
  });

  it('nothing that opens it, reaches it or says who it was is left anywhere, but the handle that is held', async () => {
    await app.jobsDone();
    const said = ['quillon', 'zorillas', 'dugongs', 'axolotls', 'quaggagnu'];
    expect(await whereStands(app, ...said)).toEqual(['public.user_handles: quaggagnu']);
    for (const table of ['credentials', 'devices', 'push_tokens', 'passkeys', 'identities', 'mails', 'oauth_codes']) {
      const { rows } = await app.sql.query(`SELECT FROM ${table} WHERE user_id = $1`, [gone.uuid]);
      expect([table, rows]).toEqual([table, []]);
    }
    const { rows } = await app.sql.query(
      'SELECT FROM refresh_tokens t JOIN sessions s ON s.id = t.session_id WHERE s.user_id = $1',
      [gone.uuid],
    );
    expect(rows).toEqual([]);
    expect(await brokenInvariants(app.sql)).toEqual([]);
  });

  it('the trail says that it was deleted, by ids alone', async () => {
    const { rows } = await app.sql.query(
      `SELECT kind, details FROM audit_events WHERE user_id = $1 AND kind IN ('account.deleted', 'session.ended') ORDER BY kind`,
      [gone.uuid],
    );
    const ended = { kind: 'session.ended', details: '{"why":"deleted"}' };
    expect(rows).toEqual([{ kind: 'account.deleted', details: '{}' }, ended, ended]);
  });

  it('a sign-in is answered like that of somebody unknown', async () => {
    const answer = async (login: string) =>
      (
        await app.ok(
          `mutation In($input: SignInInput!) { signIn(input: $input) { accessToken userErrors { code message path } } }`,
          { input: { login, password: PASSWORD } },
        )
      ).signIn;
    const unknown = await answer('nobody_at_all');
    expect(unknown.userErrors).toMatchObject([{ code: 'INVALID_CREDENTIALS' }]);
    for (const login of ['quaggagnu', 'quaggagnu@example.com']) expect(await answer(login)).toEqual(unknown);
  });

  it('the handle is taken until it was held for long enough, and the address is free at once', async () => {
    const up = async (handle: string) =>
      (
        await app.ok(
          `mutation Up($input: SignUpInput!) { signUp(input: $input) { userErrors { __typename code path } } }`,
          { input: { name: 'New', handle, email: 'quaggagnu@example.com', password: PASSWORD } },
        )
      ).signUp.userErrors;
    const taken = { __typename: 'HandleTakenError', code: 'CONFLICT', path: ['input', 'handle'] };
    const release = async () => {
      await app.sql.query(`SELECT graphile_worker.add_job('privacy.release-handles')`);
      await app.jobsDone();
    };
    await release();
    expect(await up('QuaggaGnu')).toEqual([taken]);
    const { rows } = await app.sql.query(
      `UPDATE user_handles h SET held_until = now() FROM users u WHERE u.id = h.user_id AND h.handle_key = 'quaggagnu'
       RETURNING (SELECT (x.held_until - u.deleted_at)::text FROM user_handles x WHERE x.handle_key = 'quaggagnu') AS held`,
    );
    expect(rows).toEqual([{ held: expect.stringMatching(/^(30 days|29 days 23:59:59)/) }]);
    await release();
    expect(await whereStands(app, 'quaggagnu')).toEqual([]);
    expect(await up('QuaggaGnu')).toEqual([]);
  });

  it('the person is nowhere, and what they wrote to others is not either', async () => {
    const [eve, fay] = [await app.person('eve'), await app.person('fay')];
    const conversation = await start(app, eve, [fay]);
    await send(app, eve, conversation, 'Hello Fay');
    await send(app, fay, conversation, 'Hello Eve');
    await leave(app, eve);
    const document = `query Seen($user: ID!, $conversation: ID!) {
      user(id: $user) { id } node(id: $user) { id } nodes(ids: [$user]) { id } userByHandle(handle: "eve") { id }
      conversation: node(id: $conversation) { ... on Conversation {
        participants(first: 5) { nodes { id } } messages(last: 5) { nodes { text } } unreadCount } } }`;
    const seen = { user: null, node: null, nodes: [null], userByHandle: null };
    const kept = {
      participants: { nodes: [{ id: fay.id }] },
      messages: { nodes: [{ text: 'Hello Eve' }] },
      unreadCount: 0,
    };
    for (const _moment of ['at once', 'after the jobs']) {
      expect(await app.ok(document, { user: eve.id, conversation }, fay)).toEqual({ ...seen, conversation: kept });
      await app.jobsDone();
    }
    // What is said there now reaches nobody.
    await send(app, fay, conversation, 'Are you there?');
    const { rows } = await app.sql.query(`SELECT state FROM conversation_members WHERE user_id = $1`, [eve.uuid]);
    expect(rows).toEqual([{ state: 'left' }]);
  });
});
