import type { Client, ClientRegistry } from './client-registry';
import { findRepeated } from './oauth-endpoint';
import { matchesRedirectUri } from './redirect-uri';

/** Base64url of SHA-256: 43 characters (RFC 7636 §4.2, RFC 7638 §3). */
const SHA256_BASE64URL = /^[\w-]{43}$/;

/** An app's request for a code (RFC 6749 §4.1.1), found good. */
export interface AuthorizationRequest {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | null;
  /** The SHA-256 of the verifier that the code is exchanged with (RFC 7636 §4.2). */
  readonly codeChallenge: string;
  /** JWK thumbprint of the key that the tokens are to be bound to (RFC 9449 §10). */
  readonly keyThumbprint: string | null;
  /** Who is likely to sign in, such as an e-mail address. */
  readonly loginHint: string;
}

/** RFC 6749 §4.1.2.1, and RFC 9101 §7 for what is not taken here. */
type RequestErrorCode =
  | 'invalid_request'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'request_not_supported'
  | 'request_uri_not_supported';

export type ReadRequest =
  | { readonly kind: 'good'; readonly request: AuthorizationRequest }
  /** The app is told. */
  | {
      readonly kind: 'bad';
      readonly redirectUri: string;
      readonly state: string | null;
      readonly error: RequestErrorCode;
      readonly description: string;
    }
  /** Nobody knows to whom this would be sent back, so the person is told instead (RFC 6749 §3.1.2.4). */
  | { readonly kind: 'unknown'; readonly message: string };

const NOT_FROM_APP =
  'Close this page and try again from the app. If it comes back, the makers of the app have to know:';

export function readAuthorizationRequest(clients: ClientRegistry, parameters: URLSearchParams): ReadRequest {
  const repeated = findRepeated(parameters);
  const unknown = (fault: string): ReadRequest => ({ kind: 'unknown', message: `${NOT_FROM_APP} ${fault}` });
  if (parameters.getAll('client_id').length > 1 || parameters.getAll('redirect_uri').length > 1) {
    return unknown('client_id or redirect_uri was sent twice.');
  }
  const client = clients.find(parameters.get('client_id') ?? '');
  if (!client) return unknown('client_id is that of no registered app.');
  const redirectUri = parameters.get('redirect_uri') ?? '';
  if (!client.redirectUris.some((registered) => matchesRedirectUri(registered, redirectUri))) {
    return unknown('redirect_uri is not one that was registered for this app.');
  }
  const state = repeated === 'state' ? null : parameters.get('state') || null;
  const bad = (error: RequestErrorCode, description: string): ReadRequest => {
    return { kind: 'bad', redirectUri, state, error, description };
  };
  if (repeated !== null) return bad('invalid_request', 'A parameter was sent twice.');
  // RFC 9101: their contents would count and not what stands beside them.
  if (parameters.get('request')) return bad('request_not_supported', 'Send the parameters themselves.');
  if (parameters.get('request_uri')) return bad('request_uri_not_supported', 'Send the parameters themselves.');
  const responseType = parameters.get('response_type') || null;
  if (responseType === null) return bad('invalid_request', 'Send response_type=code.');
  if (responseType !== 'code') return bad('unsupported_response_type', 'Use response_type=code.');
  if ((parameters.get('response_mode') || 'query') !== 'query') {
    return bad('invalid_request', 'Use response_mode=query, or leave it out.');
  }
  if (parameters.get('scope')) return bad('invalid_scope', 'There are no scopes here: leave scope out.');
  const codeChallenge = parameters.get('code_challenge') ?? '';
  // RFC 9700 §2.1.1, and RFC 7636 §4.3: without a method it would be plain.
  if (parameters.get('code_challenge_method') !== 'S256' || !SHA256_BASE64URL.test(codeChallenge)) {
    return bad('invalid_request', 'Send code_challenge with code_challenge_method=S256 (RFC 7636).');
  }
  const keyThumbprint = parameters.get('dpop_jkt') || null;
  if (keyThumbprint !== null && !SHA256_BASE64URL.test(keyThumbprint)) {
    return bad('invalid_request', 'dpop_jkt is no SHA-256 thumbprint of a JWK (RFC 7638).');
  }
  const loginHint = parameters.get('login_hint') ?? '';
  return { kind: 'good', request: { client, redirectUri, state, codeChallenge, keyThumbprint, loginHint } };
}
