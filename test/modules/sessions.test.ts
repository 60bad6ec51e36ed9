import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { COMMENT_ADDED, followComments } from '../support/comment-stream';
import { openRawSocket } from '../support/raw-socket';
import { type Elsewhere, refresh, signInAgain, standingOf } from '../support/sessions';
import { attempt, deleteAccount } from '../support/social';
import { comment, mutate, publish } from '../support/verbs';

const SESSIONS = `query Sessions { viewer { sessions {
  id createdAt lastUsedAt current method authenticatedAt clientId device { id name }
} } }`;
const NODE = `query Node($id: ID!) { node(id: $id) { __typename id ... on Session { current } } }`;

let app: TestApp;
let stranger: Person;
let people = 0;

beforeAll(async () => {
  app = await startTestApp();
  stranger = await app.person('stranger');
});
afterAll(() => app.close());

/** Somebody with three sessions, the first of which was used last. */
async function signedInThrice(): Promise<{ here: Person; hereId: string; tablet: Elsewhere; laptop: Elsewhere }> {
  people += 1;
  const here = await app.person(`ada${people}`);
  const tablet = await signInAgain(app, here, 600);
  const laptop = await signInAgain(app, here, 60);
  const hereId = (await listOf(here)).find(({ current }) => current)?.id ?? '';
  return { here, hereId, tablet, laptop };
}

interface Shown {
  readonly id: string;
  readonly current: boolean;
  readonly lastUsedAt: string;
}

const listOf = async (as: Person): Promise<Shown[]> => (await app.ok(SESSIONS, {}, as)).viewer.sessions;
const idsOf = async (as: Person) => (await listOf(as)).map(({ id }) => id);
const standings = (...those: Person[]) => Promise.all(those.map((each) => standingOf(app, each)));

async function whysOf(person: Person): Promise<string[]> {
  const { rows } = await app.sql.query(
    `SELECT details::json ->> 'why' AS why FROM audit_events WHERE user_id = $1 AND kind = 'session.ended' ORDER BY seq`,
    [person.uuid],
  );
  return rows.map(({ why }) => why);
}

describe('the list of sessions', () => {
  it('shows those that live, the last used first, and which one asks', async () => {
    const { here, hereId, tablet, laptop } = await signedInThrice();
    const list = await listOf(laptop);
    expect(list.map(({ id, current }) => [id, current])).toEqual([
      [hereId, false],
      [laptop.sessionId, true],
      [tablet.sessionId, false],
    ]);
    expect(list[1]).toMatchObject({ method: 'PASSWORD', clientId: 'first-party', device: null });
    await signInAgain(app, here, 61 * 86_400);
    await mutate(app, tablet, 'signOut', {});
    expect(await idsOf(here)).toEqual([hereId, laptop.sessionId]);
  });

  it('holds what was used last when there are more than a hundred, in as many statements', async () => {
    const crowd = await app.person('crowd');
    await listOf(crowd);
    const statements = app.statementsOf('Sessions');
    await app.sql.query(
      `INSERT INTO sessions (id, user_id, created_at, last_used_at)
       SELECT gen_random_uuid(), $1, now() - n * interval '1 minute', now() - n * interval '1 minute'
       FROM generate_series(1, 120) n`,
      [crowd.uuid],
    );
    const list = await listOf(crowd);
    expect([list.length, list[0]?.current]).toEqual([100, true]);
    const times = list.map(({ lastUsedAt }) => lastUsedAt);
    expect(times).toEqual([...times].sort().reverse());
    expect(app.statementsOf('Sessions')).toBe(statements);
  });

  it('knows when a session was last used by its refreshes, and asks for no write besides', async () => {
    const account = { name: 'Last', handle: 'last_used', email: 'last@example.com', password: 'correct horse battery' };
    const document = 'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken refreshToken } }';
    const { signUp } = await app.ok(document, { input: account });
    const last = { ...stranger, token: signUp.accessToken };
    await app.sql.query(
      `UPDATE sessions SET last_used_at = '2026-01-02T03:04:05Z'
       WHERE user_id = (SELECT id FROM users WHERE handle = 'last_used')`,
    );
    const timeOf = async () => {
      const { rows } = await app.sql.query(
        `SELECT last_used_at AS at FROM sessions WHERE user_id = (SELECT id FROM users WHERE handle = 'last_used')`,
      );
      return rows[0].at.toISOString();
    };
    await standingOf(app, last);
    expect(await timeOf()).toBe('2026-01-02T03:04:05.000Z');
    const since = Date.now() - 1_000;
    const { refresh_token: next } = await refresh(app, signUp.refreshToken);
    expect(Date.parse(await timeOf())).toBeGreaterThan(since);
    expect((await refresh(app, next)).status).toBe(200);
  });

  it('is nobody else’s: not by node, nor for an anonymous request', async () => {
    const { here, tablet } = await signedInThrice();
    const found = await app.ok(NODE, { id: tablet.sessionId }, here);
    expect(found.node).toEqual({ __typename: 'Session', id: tablet.sessionId, current: false });
    for (const other of [stranger, null]) {
      expect((await app.ok(NODE, { id: tablet.sessionId }, other)).node).toBeNull();
    }
    await mutate(app, tablet, 'signOut', {});
    expect((await app.ok(NODE, { id: tablet.sessionId }, here)).node).toBeNull();
  });
});

describe('revoking a session', () => {
  it('ends that one alone, once, however often it is sent', async () => {
    const { here, tablet, laptop } = await signedInThrice();
    const input = { sessionId: tablet.sessionId, clientMutationId: 'off' };
    const revoked = await mutate(app, here, 'revokeSession', input, 'revokedId');
    expect(revoked).toMatchObject({ userErrors: [], replayed: false, revokedId: tablet.sessionId });
    expect(await standings(here, tablet, laptop)).toEqual(['OK', 'UNAUTHENTICATED', 'OK']);
    expect(await mutate(app, here, 'revokeSession', input, 'revokedId')).toEqual({ ...revoked, replayed: true });
    expect(await attempt(app, laptop, 'revokeSession', { sessionId: tablet.sessionId })).toBe('OK');
    expect(await whysOf(here)).toEqual(['revoked']);
  });

  it('of one’s own signs out, and is answered again', async () => {
    const { here, hereId, laptop } = await signedInThrice();
    const input = { sessionId: hereId, clientMutationId: 'me' };
    expect(await mutate(app, here, 'revokeSession', input)).toMatchObject({ userErrors: [], replayed: false });
    expect(await mutate(app, here, 'revokeSession', input)).toMatchObject({ userErrors: [], replayed: true });
    expect(await standings(here, laptop)).toEqual(['UNAUTHENTICATED', 'OK']);
  });

  it('is refused for sessions of others, for what is none, and to nobody', async () => {
    const { here, tablet } = await signedInThrice();
    const missing = encodeId('session', newId());
    expect(await attempt(app, stranger, 'revokeSession', { sessionId: tablet.sessionId })).toBe('NOT_FOUND');
    expect(await attempt(app, here, 'revokeSession', { sessionId: missing })).toBe('NOT_FOUND');
    expect(await attempt(app, here, 'revokeSession', { sessionId: here.id })).toBe('INVALID');
    expect(await attempt(app, null, 'revokeSession', { sessionId: tablet.sessionId })).toBe('UNAUTHENTICATED');
    expect(await attempt(app, null, 'revokeOtherSessions', {})).toBe('UNAUTHENTICATED');
    expect(await attempt(app, null, 'signOutEverywhere', {})).toBe('UNAUTHENTICATED');
    expect(await standings(tablet)).toEqual(['OK']);
  });

  it('ends its sockets with 4403 and its event streams, and those of no other', async () => {
    const { here, tablet, laptop } = await signedInThrice();
    const postId = await publish(app, stranger);
    const { cursor } = await comment(app, stranger, postId, 'Before');
    const open = async (as: Person) => {
      const socket = await openRawSocket(app, as.token);
      socket.subscribe('live', COMMENT_ADDED, { postId, after: cursor });
      const stream = followComments(app, 'sse', as, { postId, after: cursor });
      return { socket, stream };
    };
    const [ended, kept] = [await open(tablet), await open(laptop)];
    await comment(app, stranger, postId, 'Behind');
    await Promise.all([ended.stream.first(1), kept.stream.first(1)]);
    await mutate(app, here, 'revokeSession', { sessionId: tablet.sessionId });
    expect(await ended.socket.closed).toEqual({ code: 4403, reason: 'This session has ended' });
    await ended.stream.ended;
    await comment(app, stranger, postId, 'Afterwards');
    await kept.stream.first(2);
    expect(ended.stream.added.map(({ node }) => node.text)).toEqual(['Behind']);
    kept.socket.socket.terminate();
    kept.stream.stop();
  });
});

describe('ending many sessions', () => {
  it('spares one’s own when it is about the others', async () => {
    const { here, hereId, tablet, laptop } = await signedInThrice();
    const payload = await mutate(app, here, 'revokeOtherSessions', { clientMutationId: 'all' }, 'revokedCount');
    expect(payload).toMatchObject({ userErrors: [], revokedCount: 2 });
    expect(await standings(here, tablet, laptop)).toEqual(['OK', 'UNAUTHENTICATED', 'UNAUTHENTICATED']);
    expect(await idsOf(here)).toEqual([hereId]);
    expect(await standings(stranger)).toEqual(['OK']);
    const again = await mutate(app, here, 'revokeOtherSessions', { clientMutationId: 'all' }, 'revokedCount');
    expect(again).toMatchObject({ replayed: true, revokedCount: 2 });
    expect(await mutate(app, here, 'revokeOtherSessions', {}, 'revokedCount')).toMatchObject({ revokedCount: 0 });
    expect(await whysOf(here)).toEqual(['revoked', 'revoked']);
  });

  it('signs out everywhere, and is answered again', async () => {
    const { here, tablet, laptop } = await signedInThrice();
    const input = { clientMutationId: 'everywhere' };
    expect(await mutate(app, laptop, 'signOutEverywhere', input)).toMatchObject({ userErrors: [], replayed: false });
    expect(await standings(here, tablet, laptop)).toEqual(Array(3).fill('UNAUTHENTICATED'));
    expect(await mutate(app, laptop, 'signOutEverywhere', input)).toMatchObject({ userErrors: [], replayed: true });
    expect(await standings(stranger)).toEqual(['OK']);
    expect(await whysOf(here)).toEqual(Array(3).fill('signed-out'));
  });

  it('is nothing that a deleted account can do', async () => {
    const { here, laptop } = await signedInThrice();
    await deleteAccount(app, here);
    expect(await attempt(app, laptop, 'signOutEverywhere', {})).toBe('UNAUTHENTICATED');
    expect(await attempt(app, laptop, 'revokeSession', { sessionId: laptop.sessionId })).toBe('UNAUTHENTICATED');
  });
});
