import { createPrivateKey, createPublicKey } from 'node:crypto';
import { z } from 'zod';

/** A whole number between two bounds. */
export const count = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
/** A URL with one of these protocols, such as `https:`. */
export const url = (...protocols: string[]) =>
  z.string().refine((text) => URL.canParse(text) && protocols.includes(new URL(text).protocol));
/** `on` or `off`. */
export const flag = z.enum(['on', 'off']).transform((text) => text === 'on');
/** Texts with commas between; none when left out. */
export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((each) => each.trim())
      .filter(Boolean),
  );

/** Whether a PEM holds the private half of a P-256 key. */
export function isP256Key(pem: string): boolean {
  try {
    return createPrivateKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1';
  } catch {
    return false;
  }
}

/** An origin of a page, or of an Android app as WebAuthn names it. */
export function isPasskeyOrigin(text: string): boolean {
  if (/^android:apk-key-hash:[\w-]{43}$/.test(text)) return true;
  return URL.canParse(text) && new URL(text).origin === text;
}

/** `package=fingerprint`. */
export function readAndroidApp(text: string): { packageName: string; fingerprint: string } {
  const [packageName = '', fingerprint = ''] = text.split('=');
  return { packageName, fingerprint: fingerprint.toUpperCase() };
}

/** The PEMs that stand one behind the other in a text. */
export function pemsIn(text: string): string[] {
  return text.split(/(?<=-----END [A-Z ]+-----)/).flatMap((pem) => pem.trim() || []);
}

/** A private key counts too: its public half is what is used. */
export function isP256PublicKey(pem: string): boolean {
  try {
    // Without a look at the beginning, text before the PEM would go unnoticed.
    return (
      /^-----BEGIN (PUBLIC|PRIVATE) KEY-----/.test(pem) &&
      createPublicKey(pem).asymmetricKeyDetails?.namedCurve === 'prime256v1'
    );
  } catch {
    return false;
  }
}
