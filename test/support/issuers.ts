import type { Person, TestApp } from './app';

export const SIGN_IN = `mutation SignIn($input: SignInWithIdTokenInput!) {
  signInWithIdToken(input: $input) {
    clientMutationId replayed userErrors { code message path ... on HandleTakenError { suggestions } }
    accessToken refreshToken viewer { id user { id handle name email } identities { id issuer linkedAt signedInAt } }
  }
}`;
const LINK = `mutation Link($input: LinkIdentityInput!) {
  linkIdentity(input: $input) { replayed userErrors { code message path } identity { id issuer } }
}`;
const UNLINK = `mutation Unlink($input: UnlinkIdentityInput!) {
  unlinkIdentity(input: $input) { userErrors { code message path } unlinkedId }
}`;

export interface SignInInput {
  readonly idToken: string;
  readonly issuer?: string;
  readonly nonce?: string;
  readonly handle?: string;
  readonly name?: string;
  readonly clientMutationId?: string;
}

/** Signs in by an ID token; answers the payload, refused or not. */
export async function signInBy(app: TestApp, input: SignInInput | string) {
  const data = await app.ok(SIGN_IN, { input: typeof input === 'string' ? { idToken: input } : input });
  return data.signInWithIdToken;
}

export async function link(app: TestApp, as: Person, input: SignInInput | string) {
  const data = await app.ok(LINK, { input: typeof input === 'string' ? { idToken: input } : input }, as);
  return data.linkIdentity;
}

export async function unlink(app: TestApp, as: Person, id: string) {
  return (await app.ok(UNLINK, { input: { id } }, as)).unlinkIdentity;
}

/** The person that a payload of a sign-in is about. */
// biome-ignore lint/suspicious/noExplicitAny: as answers are
export function personOf({ accessToken, viewer }: any): Person {
  return { uuid: '', id: viewer.user.id, handle: viewer.user.handle, token: accessToken };
}

export interface Trace {
  readonly kind: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What the audit trail has gained by `work`, oldest first. */
export async function auditedBy(app: TestApp, work: () => Promise<unknown>): Promise<Trace[]> {
  const read = async () => (await app.sql.query('SELECT kind, details FROM audit_events ORDER BY at, seq')).rows;
  const before = (await read()).length;
  await work();
  return (await read()).slice(before).map(({ kind, details }) => ({ kind, details: JSON.parse(details) }));
}

/** The other form of an ECDSA signature, which holds as well: (r, n - s). */
export function malleate(token: string): string {
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const [header, payload, signature = ''] = token.split('.');
  const bytes = Buffer.from(signature, 'base64url');
  const s = order - BigInt(`0x${bytes.subarray(32).toString('hex')}`);
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')]);
  return `${header}.${payload}.${other.toString('base64url')}`;
}
