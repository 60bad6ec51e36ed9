import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, type JWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { canonicalJson } from '../../src/kernel/canonical-json';
import { newId } from '../../src/kernel/ids';
import type { GraphqlAnswer, TestApp } from './app';

/** A key as a phone holds it. */
export interface DeviceKey {
  readonly algorithm: 'ES256' | 'EdDSA';
  readonly privateKey: KeyObject;
  readonly jwk: JWK;
  readonly thumbprint: string;
}

export async function makeKey(algorithm: DeviceKey['algorithm'] = 'ES256'): Promise<DeviceKey> {
  const { publicKey, privateKey } =
    algorithm === 'ES256' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' }) as JWK;
  return { algorithm, privateKey, jwk, thumbprint: await calculateJwkThumbprint(jwk) };
}

/** What goes into a proof beyond, or in place of, what is usual. */
export interface ProofChanges {
  readonly header?: object;
  readonly claims?: object;
  readonly signer?: Parameters<SignJWT['sign']>[0];
}

export const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

/** A DPoP proof, made by the words of RFC 9449 §4.2. */
export function makeProof(key: DeviceKey, htu: string, htm = 'POST', changes: ProofChanges = {}): Promise<string> {
  const iat = Math.floor(Date.now() / 1_000);
  const header = { typ: 'dpop+jwt', alg: key.algorithm, jwk: key.jwk, ...changes.header };
  return new SignJWT({ jti: newId(), htm, htu, iat, ...changes.claims })
    .setProtectedHeader(header as JWTHeaderParameters)
    .sign(changes.signer ?? key.privateKey);
}

/** What a proof says of a token and an operation. */
export const signedOver = (token: string, document: string, variables: object = {}) => ({
  ath: sha256(token),
  gqd: sha256(document),
  gqv: sha256(canonicalJson(variables)),
});

/** An operation by POST with these headers. */
export async function post(
  app: TestApp,
  query: string,
  variables: object,
  headers: Record<string, string>,
  more: object = {},
): Promise<GraphqlAnswer & { readonly headers: Headers }> {
  const response = await fetch(`${app.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query, variables, ...more }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, ...JSON.parse(text) };
}

const SIGN_IN = `mutation SignIn($input: SignInInput!) {
  signIn(input: $input) { userErrors { code message } accessToken refreshToken tokenType }
}`;
const SIGN_UP = `mutation SignUp($input: SignUpInput!) {
  signUp(input: $input) { userErrors { code message } accessToken refreshToken tokenType }
}`;

export const PASSWORD = 'correct horse battery';

export interface SignedIn {
  readonly userErrors: readonly { readonly code: string; readonly message: string }[];
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly tokenType: string;
}

async function bound(url: string, key: DeviceKey | null, changes?: ProofChanges): Promise<Record<string, string>> {
  return key ? { dpop: await makeProof(key, `${url}/graphql`, 'POST', changes) } : {};
}

/** A new account, signed in with a proof if there is a key. */
export async function signUp(
  app: TestApp,
  handle: string,
  key: DeviceKey | null = null,
  url = app.url,
): Promise<SignedIn> {
  const input = { name: handle, handle, email: `${handle}@example.com`, password: PASSWORD };
  return (await post(app, SIGN_UP, { input }, await bound(url, key))).data.signUp;
}

export async function signIn(
  app: TestApp,
  login: string,
  key: DeviceKey | null = null,
  url = app.url,
  changes: ProofChanges = {},
): Promise<SignedIn> {
  const input = { login, password: PASSWORD };
  return (await post(app, SIGN_IN, { input }, await bound(url, key, changes))).data.signIn;
}
