import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { readCookie } from './cookies';

const BROWSER_BYTES = 32;
const BROWSER = /^[\w-]{43}$/;
/** As long as somebody may look for a password. */
const LIFETIME_MS = 600_000;

/**
 * The hidden part of the sign-in page: the app's request, sealed for the browser that it was shown to. So no other page
 * can send a form in somebody's name (RFC 6749 §10.12), and no form stays good for long.
 */
export class SignInForms {
  private readonly cookie: string;

  /** @param secure The service is reached by https: the cookie is one that no other host can set (RFC 6265bis §4.1.3). */
  constructor(
    private readonly key: Buffer,
    private readonly clock: Clock,
    private readonly secure: boolean,
  ) {
    this.cookie = secure ? '__Host-portico-sign-in' : 'portico-sign-in';
  }

  /** What tells a browser from others, and the cookie that keeps it; several pages open in one browser share it. */
  browserOf(cookies: string | undefined): { readonly browser: string; readonly setCookie: string } {
    const browser = this.readBrowser(cookies) ?? randomBytes(BROWSER_BYTES).toString('base64url');
    const attributes = `Path=/; Max-Age=${LIFETIME_MS / 1_000}; HttpOnly; SameSite=Lax${this.secure ? '; Secure' : ''}`;
    return { browser, setCookie: `${this.cookie}=${browser}; ${attributes}` };
  }

  seal(parameters: URLSearchParams, browser: string): string {
    const sealed = JSON.stringify([this.clock.ms() + LIFETIME_MS, parameters.toString()]);
    const payload = Buffer.from(sealed).toString('base64url');
    return `${payload}.${this.sign(payload, browser).toString('base64url')}`;
  }

  /** The request in a form that this browser was shown; null when it was another one, or too long ago. */
  open(token: string, cookies: string | undefined): URLSearchParams | null {
    const browser = this.readBrowser(cookies);
    const [payload = '', signature = ''] = token.split('.');
    if (browser === null) return null;
    const expected = this.sign(payload, browser);
    const sent = Buffer.from(signature, 'base64url');
    if (sent.length !== expected.length || !timingSafeEqual(sent, expected)) return null;
    const [expiresAt, parameters] = JSON.parse(Buffer.from(payload, 'base64url').toString()) as [number, string];
    return expiresAt > this.clock.ms() ? new URLSearchParams(parameters) : null;
  }

  private sign(payload: string, browser: string): Buffer {
    return createHmac('sha256', this.key).update(`${payload}.${browser}`).digest();
  }

  private readBrowser(cookies: string | undefined): string | null {
    const browser = readCookie(cookies, this.cookie);
    return browser !== null && BROWSER.test(browser) ? browser : null;
  }
}
