import { connect } from 'node:net';
import { systemClock } from '../../src/kernel/clock';
import { encodeId, newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { type Person, TEST_SIGNING_KEY, type TestApp } from './app';

/** The same person, signed in once more. */
export interface Elsewhere extends Person {
  /** The UUID of the session. */
  readonly sessionUuid: string;
  /** Its TypeID. */
  readonly sessionId: string;
}

/** Opens another session of this person, last used so many seconds ago. */
export async function signInAgain(app: TestApp, person: Person, secondsAgo = 0): Promise<Elsewhere> {
  const sessionUuid = newId();
  const at = new Date(Date.now() - secondsAgo * 1_000).toISOString();
  await app.sql.query('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, $3, $3)', [
    sessionUuid,
    person.uuid,
    at,
  ]);
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer: 'http://localhost',
    lifetimeSeconds: 600,
    clock: systemClock,
  });
  const token = await tokens.issue({ userId: person.uuid, sessionId: sessionUuid });
  return { ...person, token, sessionUuid, sessionId: encodeId('session', sessionUuid) };
}

const WHO = 'query Who { viewer { user { id } } }';

/** OK, or the code by which a request of this person is refused. */
export async function standingOf(app: TestApp, as: Person): Promise<string> {
  return (await app.query(WHO, {}, as)).errors?.[0]?.extensions.code ?? 'OK';
}

export interface Refreshed {
  readonly status: number;
  readonly access_token?: string;
  readonly refresh_token: string;
  readonly error?: string;
}

/** Exchanges a refresh token as apps do. */
export async function refresh(app: TestApp, refreshToken: string): Promise<Refreshed> {
  const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
  const answer = await fetch(`${app.url}/oauth/token`, { method: 'POST', body });
  return { status: answer.status, ...((await answer.json()) as Omit<Refreshed, 'status'>) };
}

/** The same over a line that breaks before the answer is read; `arrived` says whether the service has done its part. */
export async function refreshInVain(app: TestApp, refreshToken: string, arrived: () => Promise<unknown>) {
  const { hostname, port } = new URL(app.url);
  const body = `grant_type=refresh_token&refresh_token=${refreshToken}`;
  const headers = `content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}`;
  const socket = connect(Number(port), hostname);
  socket.on('error', () => {});
  socket.pause();
  socket.write(`POST /oauth/token HTTP/1.1\r\nhost: ${hostname}\r\n${headers}\r\n\r\n${body}`);
  await arrived();
  socket.destroy();
}
