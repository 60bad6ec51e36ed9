import { createHash } from 'node:crypto';
import { canonicalJson } from '../../src/kernel/canonical-json';
import type { Person, TestApp } from './app';
import { type DeviceKey, makeKey, makeProof, post, signedOver } from './proofs';
import { documentOf, type MutationName } from './verbs';

export const PASSWORD = 'correct horse battery';
const ERRORS = 'userErrors { __typename code message path ... on RateLimitedError { retryAfterMs } }';
const SIGN_UP = `mutation ($input: SignUpInput!) { signUp(input: $input) {
  ${ERRORS} accessToken refreshToken deviceToken viewer { id emailVerified user { id } } } }`;
const SIGN_IN = `mutation ($input: SignInInput!) { signIn(input: $input) {
  ${ERRORS} accessToken refreshToken deviceToken viewer { id } } }`;

/** Somebody with a password, an address and a session. */
export interface Member extends Person {
  readonly email: string;
  readonly deviceToken: string;
  readonly refreshToken: string;
  /** The key that has been vouched for, by which critical operations are signed. */
  readonly key: DeviceKey;
}

/** Signs up; the address is the handle's at example.com. */
export async function member(app: TestApp, handle: string, password = PASSWORD): Promise<Member> {
  const email = `${handle}@example.com`;
  const { signUp } = await app.ok(SIGN_UP, { input: { name: handle, handle, email, password } });
  if (signUp.userErrors.length > 0) throw new Error(JSON.stringify(signUp.userErrors));
  const { id } = signUp.viewer.user;
  const { rows } = await app.sql.query('SELECT id FROM users WHERE handle = $1', [handle]);
  const { accessToken: token, refreshToken, deviceToken } = signUp;
  const key = await makeKey();
  await app.sql.query('UPDATE sessions SET confirmed_key = $2 WHERE user_id = $1', [rows[0].id, key.thumbprint]);
  return { uuid: rows[0].id, id, handle, email, token, refreshToken, deviceToken, key };
}

export async function trySignUp(app: TestApp, input: object) {
  return (await app.ok(SIGN_UP, { input })).signUp;
}

export async function signIn(app: TestApp, login: string, password = PASSWORD, more: object = {}) {
  return (await app.ok(SIGN_IN, { input: { login, password, ...more } })).signIn;
}

/** Runs a mutation that has to be signed, and answers its payload. */
export async function signed(app: TestApp, who: Member, name: MutationName, input: object) {
  const document = documentOf(name);
  const claims = signedOver(who.token, document);
  const gqv = createHash('sha256').update(canonicalJson({ input })).digest('base64url');
  const dpop = await makeProof(who.key, `${app.url}/graphql`, 'POST', { claims: { ...claims, gqv } });
  const answer = await post(app, document, { input }, { authorization: `Bearer ${who.token}`, dpop });
  if (answer.errors) throw new Error(`unexpected errors: ${answer.text}`);
  return answer.data[name];
}

/** Whether this password signs in. */
export async function opens(app: TestApp, login: string, password: string): Promise<boolean> {
  return (await signIn(app, login, password)).accessToken !== null;
}

/** What the audit trail tells of somebody, in order. */
export async function auditOf(app: TestApp, { uuid }: Person): Promise<string[]> {
  const { rows } = await app.sql.query('SELECT kind FROM audit_events WHERE user_id = $1 ORDER BY seq', [uuid]);
  return rows.map(({ kind }) => kind);
}

/** How many sessions of somebody are live. */
export async function liveSessions(app: TestApp, { uuid }: Person): Promise<number> {
  const { rows } = await app.sql.query('SELECT FROM sessions WHERE user_id = $1 AND revoked_at IS NULL', [uuid]);
  return rows.length;
}

/** Waits until so many statements wait for a lock. */
export async function waiting(app: TestApp, count: number): Promise<void> {
  for (;;) {
    const { rows } = await app.sql.query(`
      SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`);
    if (rows.length >= count) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
