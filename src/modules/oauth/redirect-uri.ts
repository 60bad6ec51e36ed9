/** An address of the machine itself, where an app listens on whatever port is free (RFC 8252 §7.3). */
const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(:[1-9]\d{0,4})?(?=[/?]|$)/;
const PORT_MAX = 65_535;
/** RFC 8252 §7.1: a domain that the app's maker owns, turned around; so nobody else's app takes it by accident. */
const PRIVATE_SCHEME = /^[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+:/;
const PRINTABLE = /^[\x21-\x7e]+$/;

/** Why a redirect URI cannot be registered, with what to do about it; null when it can. */
export function faultOfRedirectUri(uri: string): string | null {
  if (!PRINTABLE.test(uri) || !URL.canParse(uri)) return 'is no absolute URI';
  const { protocol, username, password, href } = new URL(uri);
  if (uri.includes('#')) return 'has a fragment: leave it out (RFC 6749 §3.1.2)';
  if (username || password) return 'names a user: leave user and password out';
  if (uri.includes('*')) return 'has a wildcard: list each URI, for they are compared exactly (RFC 9700 §2.1)';
  if (href !== uri && href !== `${uri}/`) return `is not as browsers write it: write ${href}`;
  if (protocol === 'https:' || LOOPBACK.test(uri) || PRIVATE_SCHEME.test(uri)) return null;
  return 'is neither https, nor http on 127.0.0.1 or [::1], nor of a scheme with a dot such as com.example.app:/callback';
}

/**
 * Whether a request may be sent back to `sent`: character by character what was registered (RFC 9700 §4.1.3), but for
 * the port of an address of the machine itself where none was registered.
 */
export function matchesRedirectUri(registered: string, sent: string): boolean {
  if (registered === sent) return true;
  const [host] = LOOPBACK.exec(registered) ?? [];
  const [place, port] = LOOPBACK.exec(sent) ?? [];
  if (host === undefined || place === undefined || port === undefined) return false;
  return Number(port.slice(1)) <= PORT_MAX && place === host + port && sent.replace(place, host) === registered;
}

/** The URI with parameters added to those that it has. */
export function withParameters(uri: string, parameters: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(parameters).filter((each): each is [string, string] => each[1] !== null);
  return `${uri}${uri.includes('?') ? '&' : '?'}${new URLSearchParams(given)}`;
}

/**
 * What a page has to allow in `form-action` to be sent on to `uri` after its form was: browsers hold redirects to it as
 * well. A Content Security Policy cannot name an IPv6 address, so there the scheme stands for it.
 */
export function formTargetOf(uri: string): string {
  const { protocol, origin } = new URL(uri);
  return origin === 'null' || uri.startsWith('http://[') ? protocol : origin;
}
