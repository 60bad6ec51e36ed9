import { type ChildProcess, fork } from 'node:child_process';
import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { createServer } from 'node:net';
import path from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

export const APP_CLIENT = 'portico-app';
export const OTHER_CLIENT = 'another-app';
export const API = 'https://api.portico.example';

const PROGRAM = path.join(__dirname, 'oidc-provider.mjs');
const REDIRECT_URI = 'http://127.0.0.1/callback';
const REDIRECTS_MAX = 10;

export interface IssuedTokens {
  readonly idToken: string;
  readonly accessToken: string;
}

/** An OpenID provider of other hands, with a key that the test knows. */
export interface OidcIssuer {
  readonly url: string;
  /** The private key that it signs with now. */
  readonly key: JWK;
  /** Signs somebody in there as an app does: authorization code with PKCE. */
  signIn(subject: string, options?: { nonce?: string; clientId?: string }): Promise<IssuedTokens>;
  stop(): Promise<void>;
  /** Starts again at the same address, with a new key if it is to rotate. */
  start(options?: { rotate?: boolean }): Promise<void>;
}

export async function startOidcIssuer(): Promise<OidcIssuer> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let key = await newKey();
  let child: ChildProcess | null = await run(port, key);

  return {
    url,
    get key() {
      return key;
    },
    async stop() {
      const ending = child;
      child = null;
      if (!ending) return;
      const ended = new Promise((resolve) => ending.once('exit', resolve));
      ending.kill('SIGKILL');
      await ended;
    },
    async start({ rotate = false } = {}) {
      if (rotate) key = await newKey();
      child = await run(port, key);
    },
    signIn: (subject, options = {}) => signIn(url, subject, options.clientId ?? APP_CLIENT, options.nonce),
  };
}

export async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  return { ...(await exportJWK(privateKey)), kid: randomUUID(), alg: 'ES256', use: 'sig' };
}

async function run(port: number, key: JWK): Promise<ChildProcess> {
  const options = { port, jwks: { keys: [key] }, resource: API, clients: [APP_CLIENT, OTHER_CLIENT] };
  const child = fork(PROGRAM, [JSON.stringify(options)], { silent: true, execArgv: [] });
  let printed = '';
  child.stderr?.on('data', (chunk) => {
    printed += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', () => reject(new Error(`the issuer did not start: ${printed}`)));
  });
  // A test that fails before it stops the issuer still ends.
  child.unref();
  child.channel?.unref();
  return child;
}

async function signIn(url: string, subject: string, clientId: string, nonce?: string): Promise<IssuedTokens> {
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    response_type: 'code',
    scope: 'openid profile email api',
    resource: API,
    login_hint: subject,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...(nonce !== undefined && { nonce }),
  });
  const code = await followToCode(`${url}/auth?${asked}`);
  const response = await fetch(`${url}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      client_id: clientId,
      redirect_uri: REDIRECT_URI,
      resource: API,
    }),
  });
  const body = (await response.json()) as Record<string, string>;
  if (!body['id_token'] || !body['access_token']) throw new Error(`no tokens: ${JSON.stringify(body)}`);
  return { idToken: body['id_token'], accessToken: body['access_token'] };
}

/** Follows redirects as a browser does, cookies and all, until one leads back to the app. */
async function followToCode(start: string): Promise<string> {
  const cookies = new Map<string, string>();
  let next = start;
  for (let n = 0; n < REDIRECTS_MAX; n += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(next, { redirect: 'manual', headers: { cookie } });
    for (const each of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (!location) throw new Error(`the issuer answered ${response.status}: ${await response.text()}`);
    const url = new URL(location, next);
    const code = url.searchParams.get('code');
    if (url.href.startsWith(REDIRECT_URI) && code) return code;
    if (url.href.startsWith(REDIRECT_URI)) throw new Error(`the issuer refused: ${url.search}`);
    next = url.href;
  }
  throw new Error('the issuer redirects without end');
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
