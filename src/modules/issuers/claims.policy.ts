import type { JWTPayload } from 'jose';

const NAME_MAX = 60;
// What no name may hold: controls, bidirectional overrides, lone surrogates, line breaks.
const NOT_IN_NAMES = /[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]/gu;
const OTHER_NAMES = ['nickname', 'preferred_username'];

/** What an issuer says that somebody is called, made fit to be shown; null when it does not say. */
export function nameOf(claims: JWTPayload): string | null {
  const parts = [claims['given_name'], claims['family_name']].filter((part) => typeof part === 'string');
  const candidates = [claims['name'], parts.join(' '), ...OTHER_NAMES.map((claim) => claims[claim])];
  for (const candidate of candidates) {
    const name = typeof candidate === 'string' ? clean(candidate) : '';
    // An address is for nobody's eyes, and some issuers write it where a name belongs.
    if (name !== '' && !name.includes('@')) return name;
  }
  return null;
}

/** The e-mail address that the issuer has verified, in lower case; null when there is none. */
export function verifiedEmailKey(claims: JWTPayload): string | null {
  const { email, email_verified: verified } = claims;
  // Some issuers write the boolean as a text.
  return typeof email === 'string' && (verified === true || verified === 'true') ? email.trim().toLowerCase() : null;
}

function clean(text: string): string {
  const shown = text.replace(NOT_IN_NAMES, ' ').replace(/\s+/g, ' ').trim();
  return [...shown].slice(0, NAME_MAX).join('').trim();
}
