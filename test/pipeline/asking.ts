import type { Person, TestApp } from '../support/app';
import { RawClient } from '../support/raw-client';

export interface Asked {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers by the shape of their own query
  readonly body: any;
}

export interface AskOptions {
  readonly as?: Person | null;
  readonly headers?: Record<string, string>;
  readonly signal?: AbortSignal;
}

/** Sends a request body by POST, as it is. */
export function send(app: Pick<TestApp, 'url'>, body: object, options: AskOptions = {}): Promise<Asked> {
  return ask(`${app.url}/graphql`, options, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** Sends the same by GET: objects as JSON text. */
export function get(app: Pick<TestApp, 'url'>, fields: object, options: AskOptions = {}): Promise<Asked> {
  return ask(`${app.url}/graphql?${searchOf(fields)}`, options, { headers: { 'apollo-require-preflight': '1' } });
}

function searchOf(fields: object): URLSearchParams {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) {
    search.set(name, typeof value === 'string' ? value : JSON.stringify(value));
  }
  return search;
}

/** The protocol of graphql-ws demands the string `query`; who has an id only sends it empty. */
export async function overSocket(app: Pick<TestApp, 'url'>, form: object) {
  const client = new RawClient(app.url);
  const payload = { query: '', ...form };
  const answer = await client.socket([JSON.stringify({ id: '1', type: 'subscribe', payload })], null, true);
  client.close();
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  return (answer as any).result;
}

/** The same by POST and by GET. */
export async function overStream(app: Pick<TestApp, 'url'>, form: object) {
  const client = new RawClient(app.url);
  const posted = await client.stream(JSON.stringify(form), null, true);
  const search = searchOf(form);
  const headers = { accept: 'text/event-stream' };
  const got = await client.send({ method: 'GET', path: `/graphql/stream?${search}`, headers });
  client.close();
  const byGet = JSON.parse(/^event: next\ndata: ([^\n]*)\n/m.exec(got.text)?.[1] ?? 'null');
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  return [(posted as any).result, byGet];
}

async function ask(url: string, { as, headers, signal }: AskOptions, init: RequestInit): Promise<Asked> {
  const response = await fetch(url, {
    ...init,
    headers: { ...(init.headers as object), ...(as && { authorization: `Bearer ${as.token}` }), ...headers },
    ...(signal && { signal }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? null : JSON.parse(text) };
}

/** The code of the first error of a result. */
export function codeOf(result: unknown): string | undefined {
  return (result as { errors?: { extensions: { code: string } }[] }).errors?.[0]?.extensions.code;
}

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until `holds`. @throws Error with `what` when it does not in time. */
export async function until(what: string, holds: () => unknown, patienceMs = 5_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in ${patienceMs} ms: ${what}`);
    await sleep(20);
  }
}
