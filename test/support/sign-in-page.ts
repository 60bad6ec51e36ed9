import { createHash, randomBytes } from 'node:crypto';
import type { TestApp } from './app';

/** What an app sends to have somebody sign in; the verifier stays with it. */
export interface Asked {
  readonly query: Record<string, string>;
  readonly verifier: string;
}

export const REDIRECT_URI = 'com.example.portico:/callback';
export const PASSWORD = 'correct horse battery';

export const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** A good request of the demo client, with some parameters changed, or left out where they are null. */
export function asks(changes: Record<string, string | null> = {}): Asked {
  const verifier = randomBytes(32).toString('base64url');
  const usual = {
    response_type: 'code',
    client_id: 'demo',
    redirect_uri: REDIRECT_URI,
    state: 'xyz',
    code_challenge: challengeOf(verifier),
    code_challenge_method: 'S256',
  };
  const query = Object.entries({ ...usual, ...changes }).filter((each): each is [string, string] => each[1] !== null);
  return { query: Object.fromEntries(query), verifier };
}

/** What else than usual is sent with a form. */
interface ChangedForm {
  readonly token?: string;
  readonly cookie?: string;
  readonly headers?: Record<string, string>;
}

/** A page as somebody's browser has it. */
export interface OpenPage {
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
  /** Where the browser is sent instead; null when it stays. */
  readonly location: string | null;
  /** Sends the page's form, as the browser that has it. */
  submit(login: string, password: string, changed?: ChangedForm): Promise<OpenPage>;
}

/** Opens the sign-in page in a browser that keeps the cookies of each answer; never follows a redirect. */
export async function openPage(app: TestApp, query: Record<string, string> | string, cookie = ''): Promise<OpenPage> {
  const url = `${app.url}/oauth/authorize?${typeof query === 'string' ? query : new URLSearchParams(query)}`;
  const visit = async (
    init: Omit<RequestInit, 'headers'> & { headers?: Record<string, string> },
    sent: string,
  ): Promise<OpenPage> => {
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { ...init.headers, cookie: sent } });
    const html = await response.text();
    const kept = response.headers.get('set-cookie')?.split(';')[0] ?? sent;
    return {
      status: response.status,
      headers: response.headers,
      html,
      location: response.headers.get('location'),
      submit: (login, password, changed = {}) => {
        const body = new URLSearchParams({ request: changed.token ?? tokenIn(html), login, password });
        return visit({ method: 'POST', body, headers: changed.headers ?? {} }, changed.cookie ?? kept);
      },
    };
  };
  return visit({}, cookie);
}

export function tokenIn(html: string): string {
  return /name="request" value="([^"]*)"/.exec(html)?.[1] ?? '';
}

/** The parameters with which a page sends a browser back to the app. */
export function sentBack({ location }: OpenPage): Record<string, string> {
  if (location === null) throw new Error('the browser was not sent anywhere');
  return Object.fromEntries(new URLSearchParams(location.split('?')[1]));
}

/** An account with the usual password. */
export async function signUp(app: TestApp, handle: string): Promise<{ accessToken: string; refreshToken: string }> {
  const document = `mutation ($input: SignUpInput!) {
    signUp(input: $input) { userErrors { code message } accessToken refreshToken }
  }`;
  const input = { name: handle, handle, email: `${handle}@example.com`, password: PASSWORD };
  return (await app.ok(document, { input })).signUp;
}

/** A code for somebody who signs in. */
export async function codeFor(app: TestApp, login: string, { query }: Asked): Promise<string> {
  const page = await openPage(app, query);
  return sentBack(await page.submit(login, PASSWORD))['code'] ?? '';
}

/** Posts a form to one of the endpoints for apps and services. */
export async function post(app: TestApp, path: string, form: Record<string, string> | string, headers = {}) {
  const response = await fetch(`${app.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: String(typeof form === 'string' ? form : new URLSearchParams(form)),
  });
  const body = (await response.json()) as Record<string, unknown>;
  return { status: response.status, headers: response.headers, body };
}

/** Exchanges a code as the demo client, with some parameters changed, or left out where they are null. */
export function exchange(app: TestApp, code: string, verifier: string, changes: Record<string, string | null> = {}) {
  const usual = {
    grant_type: 'authorization_code',
    client_id: 'demo',
    redirect_uri: REDIRECT_URI,
    code,
    code_verifier: verifier,
  };
  const form = Object.entries({ ...usual, ...changes }).filter((each): each is [string, string] => each[1] !== null);
  return post(app, '/oauth/token', Object.fromEntries(form));
}
