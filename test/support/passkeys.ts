import type { Person, TestApp } from './app';
import type { Authenticator, Bends } from './authenticator';

const ERRORS = 'userErrors { code message path }';
const AUTH = `${ERRORS} accessToken refreshToken viewer { id user { id handle name email } }`;

/** What people do with passkeys, through the public API. */
export const PASSKEY_DOCUMENTS = {
  beginPasskeySignUp: `${ERRORS} options`,
  finishPasskeySignUp: AUTH,
  beginPasskeySignIn: `${ERRORS} options`,
  finishPasskeySignIn: AUTH,
  beginPasskeyConfirmation: `${ERRORS} options`,
  finishPasskeyConfirmation: `${ERRORS} confirmedUntil`,
  beginPasskeyRegistration: `${ERRORS} replayed options`,
  finishPasskeyRegistration: `${ERRORS} replayed passkey { id name synced backedUp createdAt lastUsedAt }`,
  renamePasskey: `${ERRORS} passkey { id name }`,
  removePasskey: `${ERRORS} removedId`,
} as const;
export type PasskeyMutation = keyof typeof PASSKEY_DOCUMENTS;

// biome-ignore lint/suspicious/noExplicitAny: tests read answers by the shape of their own query
type Payload = any;

/** Runs one of them and answers its payload, refused or not. */
export async function passkey(
  app: TestApp,
  name: PasskeyMutation,
  input: object,
  as: Person | null = null,
): Promise<Payload> {
  const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  const document = `mutation ${name}($input: ${type}!) { ${name}(input: $input) { ${PASSKEY_DOCUMENTS[name]} } }`;
  return (await app.ok(document, { input }, as))[name];
}

/** Makes an account by passkey. */
export async function signUpByPasskey(app: TestApp, phone: Authenticator, handle: string): Promise<Person> {
  const { options } = await passkey(app, 'beginPasskeySignUp', { name: handle, handle });
  const made = await passkey(app, 'finishPasskeySignUp', { response: phone.create(options) });
  if (!made.viewer) throw new Error(`refused: ${JSON.stringify(made.userErrors)}`);
  const { rows } = await app.sql.query('SELECT id FROM users WHERE handle = $1', [handle]);
  return { uuid: rows[0].id, id: made.viewer.user.id, handle, token: made.accessToken };
}

/** Signs in, with something bent in what the phone answers. */
export async function signInByPasskey(app: TestApp, phone: Authenticator, bends: Bends = {}) {
  const { options } = await passkey(app, 'beginPasskeySignIn', {});
  return passkey(app, 'finishPasskeySignIn', { response: phone.get(options, bends) });
}

/** Adds a passkey to somebody's account. */
export async function addPasskey(app: TestApp, phone: Authenticator, as: Person, bends: Bends = {}, name?: string) {
  const { options } = await passkey(app, 'beginPasskeyRegistration', {}, as);
  return passkey(app, 'finishPasskeyRegistration', { response: phone.create(options, bends), name }, as);
}

/** What the audit trail tells of somebody, oldest first. */
export async function trailOf(app: TestApp, userId: string | null) {
  const { rows } = await app.sql.query(
    `SELECT kind, session_id, address, details::json AS details FROM audit_events
     WHERE user_id IS NOT DISTINCT FROM $1 ORDER BY at, chain, seq`,
    [userId],
  );
  return rows as { kind: string; session_id: string | null; address: string; details: Record<string, unknown> }[];
}
