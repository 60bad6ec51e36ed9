import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';

export interface RawRequest {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface RawAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** What a socket or an event stream answered to one operation. */
export type LiveAnswer =
  | { readonly kind: 'result'; readonly result: { readonly errors?: unknown; readonly data?: unknown } }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
  /** Nothing came: a subscription that waits for events. */
  | { readonly kind: 'open' };

const CONNECTIONS = 20;
const ANSWER_DEADLINE_MS = 10_000;
/** How long to listen to an operation that may well be accepted and then have nothing to say. */
const QUIET_MS = 300;
const NO_CLOSE_CODE = 1005;

/** Sends bytes as they are, over kept connections. */
export class RawClient {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(private readonly url: string) {}

  /** An answer with the status 0 stands for a connection that broke, or on which no answer came in time. */
  send({ method = 'POST', path = '/graphql', headers = {}, body = '' }: RawRequest): Promise<RawAnswer> {
    return new Promise((resolve) => {
      const broken = (error: Error) => resolve({ status: 0, contentType: '', text: error.message });
      const length = { 'content-length': String(Buffer.byteLength(body)) };
      const options = { method, headers: { ...length, ...headers }, agent: this.agent };
      const sent = request(new URL(path, this.url), options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('end', () => {
          const contentType = response.headers['content-type'] ?? '';
          resolve({ status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() });
        });
        response.on('error', broken);
      });
      sent.setTimeout(ANSWER_DEADLINE_MS, () => sent.destroy(new Error('no answer in time')));
      sent.on('error', broken);
      sent.end(body);
    });
  }

  /** The first event of an event stream. */
  async stream(body: string, authorization: string | null, answerIsSure: boolean): Promise<LiveAnswer> {
    const patienceMs = answerIsSure ? ANSWER_DEADLINE_MS : QUIET_MS;
    const stop = new AbortController();
    const response = await fetch(new URL('/graphql/stream', this.url), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(authorization && { authorization }),
      },
      body,
      signal: stop.signal,
    });
    const reader = response.body?.getReader();
    try {
      if (!response.headers.get('content-type')?.startsWith('text/event-stream')) {
        return { kind: 'closed', code: response.status, reason: await textOf(reader) };
      }
      let text = '';
      for (const deadline = Date.now() + patienceMs; Date.now() < deadline; ) {
        const chunk = await Promise.race([reader?.read(), delay(patienceMs, null, { ref: false })]);
        if (!chunk || chunk.done) break;
        text += Buffer.from(chunk.value).toString();
        const data = /^event: next\ndata: ([^\n]*)\n/m.exec(text)?.[1];
        if (data) return { kind: 'result', result: JSON.parse(data) };
      }
      return { kind: 'open' };
    } finally {
      stop.abort();
    }
  }

  /** Opens a socket, signs in if asked to, sends the messages as they are, and waits for the first answer to them. */
  async socket(
    messages: readonly (string | Buffer)[],
    authorization: string | null,
    answerIsSure: boolean,
  ): Promise<LiveAnswer> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    const answer = new Promise<LiveAnswer>((resolve, reject) => {
      socket.on('error', reject);
      socket.on('close', (code, reason) => resolve({ kind: 'closed', code, reason: reason.toString() }));
      socket.on('message', (data) => {
        const message = JSON.parse(data.toString());
        if (message.type === 'connection_ack') {
          for (const each of messages) socket.send(each);
          setTimeout(() => resolve({ kind: 'open' }), answerIsSure ? ANSWER_DEADLINE_MS : QUIET_MS).unref();
        }
        if (message.type === 'next') resolve({ kind: 'result', result: message.payload });
        if (message.type === 'error') resolve({ kind: 'result', result: { errors: message.payload } });
        if (message.type === 'complete') resolve({ kind: 'closed', code: NO_CLOSE_CODE, reason: 'complete' });
      });
    });
    await once(socket, 'open');
    socket.send(JSON.stringify({ type: 'connection_init', payload: authorization ? { authorization } : {} }));
    try {
      return await answer;
    } finally {
      socket.terminate();
    }
  }

  close(): void {
    this.agent.destroy();
  }
}

async function textOf(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<string> {
  let text = '';
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) return text;
    text += Buffer.from(chunk.value).toString();
  }
}

/** Does `work` for every item, `CONNECTIONS` at once. */
export async function inParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
