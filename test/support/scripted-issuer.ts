import { createServer, type ServerResponse } from 'node:http';
import { importJWK, type JWK, type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';
import { APP_CLIENT, newKey } from './oidc-issuer';

/** An issuer that does what the test says, and counts what it is asked. */
export interface ScriptedIssuer {
  readonly url: string;
  /** The private key that it signs with. */
  key: JWK;
  /** What it publishes besides. */
  moreKeys: JWK[];
  /** How it answers in place of what is asked for; null as it should. */
  answer: ((path: string, reply: ServerResponse) => void) | null;
  /** How its discovery document differs. */
  discovery: Record<string, unknown>;
  /** Paths, in the order in which they were asked for. */
  readonly asked: string[];
  /** An ID token for our app; claims and header as given take the place of the usual ones. */
  sign(subject: string, claims?: JWTPayload, header?: Partial<JWTHeaderParameters>, key?: JWK): Promise<string>;
  close(): Promise<void>;
}

export async function startScriptedIssuer(): Promise<ScriptedIssuer> {
  const server = createServer((request, reply) => {
    const path = request.url ?? '';
    issuer.asked.push(path);
    if (issuer.answer) return issuer.answer(path, reply);
    const publish = [issuer.key, ...issuer.moreKeys].map(({ d: _, ...open }) => open);
    const documents: Record<string, unknown> = {
      '/.well-known/openid-configuration': { issuer: issuer.url, jwks_uri: `${issuer.url}/keys`, ...issuer.discovery },
      '/keys': { keys: publish },
    };
    reply.setHeader('content-type', 'application/json');
    return reply.end(JSON.stringify(documents[path] ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const issuer: ScriptedIssuer = {
    url: `http://127.0.0.1:${port}`,
    key: await newKey(),
    moreKeys: [],
    answer: null,
    discovery: {},
    asked: [],
    sign: (subject, claims, header, key = issuer.key) => sign(issuer.url, key, subject, claims, header),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return issuer;
}

/** Signs as an issuer would that has this key. */
export async function sign(
  iss: string,
  key: JWK,
  sub: string,
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const payload = { iss, sub, aud: APP_CLIENT, iat: now, exp: now + 600, jti: crypto.randomUUID(), ...claims };
  const { alg = 'ES256' } = key;
  return new SignJWT(payload)
    .setProtectedHeader({ alg, kid: key.kid, ...header } as JWTHeaderParameters)
    .sign(await importJWK(key, alg));
}
