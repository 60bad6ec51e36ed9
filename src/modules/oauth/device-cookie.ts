import { readCookie } from './cookies';

/** Beneath it stands the page that somebody signs in on. */
const PATH = '/oauth';
/** As long as the token in it. */
const LIFETIME_SECONDS = 365 * 86_400;

/** Keeps in a browser that somebody has signed in there before, so that strangers cannot keep them out. */
export class DeviceCookie {
  private readonly name: string;
  private readonly attributes: string;

  /** @param secure The service is reached by https: the cookie is one that only https can set (RFC 6265bis §4.1.3). */
  constructor(secure: boolean) {
    this.name = secure ? '__Secure-portico-device' : 'portico-device';
    // Strict: the form is sent by a page of ours, and nobody else has a use for the cookie.
    const attributes = `Path=${PATH}; Max-Age=${LIFETIME_SECONDS}; HttpOnly; SameSite=Strict`;
    this.attributes = secure ? `${attributes}; Secure` : attributes;
  }

  read(cookies: string | undefined): string | null {
    return readCookie(cookies, this.name);
  }

  write(deviceToken: string): string {
    return `${this.name}=${deviceToken}; ${this.attributes}`;
  }
}
