import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Fault, Unauthenticated } from '../kernel/errors';
import type { ConnectionCounter } from '../platform/http/connection-counter';
import type { HttpServer } from '../platform/http/server';
import { isUnavailable } from '../platform/postgres/failures';
import type { Authenticate, Authentication, WatchSession } from './authentication';
import { type Caller, credentialsOf, Gone } from './caller';
import { refuseUnauthenticated } from './challenge';
import { UNAVAILABLE_MESSAGE } from './errors';
import type { LiveConnection, LiveConnections } from './live-connections';
import { type Frames, type OperationOptions, Operations, single } from './operations';
import { Refusal, refuseRequest } from './pipeline/refusal';
import { type OperationRequest, readOperationParameters, readOperationRequest } from './pipeline/request';
import { replyRefusal } from './refusal-reply';

export const EVENT_STREAM_PATH = '/graphql/stream';

export interface EventStreamOptions extends OperationOptions {
  readonly authenticate: Authenticate;
  readonly watchSession: WatchSession;
  readonly connections: LiveConnections;
  readonly counter: ConnectionCounter;
  /** Sockets and event streams together. */
  readonly perAddressMax: number;
  readonly perViewerMax: number;
  /** Whether pages of this origin may ask for a stream. */
  readonly allowsOrigin: (origin: string, host: string | undefined) => boolean;
  /** How often something is sent, so that a connection that leads nowhere is found. */
  readonly pingIntervalMs: number;
}

const EVENT_STREAM = 'text/event-stream';
const HEADERS = { 'content-type': `${EVENT_STREAM}; charset=utf-8`, 'cache-control': 'no-cache, no-transform' };
/** Proxies that buffer answers would hold events back (nginx). */
const UNBUFFERED = { 'x-accel-buffering': 'no' };
/** A comment (HTML Standard §9.2.6): clients pass it over. */
const PING = ':\n\n';
const TOO_MANY = 'Too many sockets and event streams are open from here. Close some first.';
/** Statuses of refusals that clients look for in the answer itself. */
const TOLD_BEFORE = new Set([401, 405]);
const COMPLETE = 'event: complete\ndata:\n\n';
/** A phone that reads nothing for this long is gone, or might as well be: it resumes when it comes back. */
const STALL_MAX_PINGS = 2;
/** A client that has not taken the rest in this time is cut. */
const STOP_TIMEOUT_MS = 1_000;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Serves operations as Server-Sent Events, one a connection: the "distinct connections" mode of the GraphQL over SSE
 * protocol. Events carry their cursor as `id`, and a `Last-Event-ID` takes the place of the subscription's `after`, so
 * that an EventSource goes on by itself where its connection broke. A stream ends when its token or session does.
 */
export function registerEventStream(http: HttpServer, options: EventStreamOptions): void {
  const operations = new Operations(options);
  http.app.route({
    method: ['GET', 'POST'],
    url: EVENT_STREAM_PATH,
    async handler(request, reply) {
      try {
        checkOrigin(request, options);
        const sent = readSent(request);
        const authentication = await authenticate(request, options);
        const stream = new EventStream(request, reply, authentication, options);
        if (!stream.claim()) throw refuseRequest('RATE_LIMITED', TOO_MANY, { status: 429 });
        const frames = await admit(operations, sent, stream.caller);
        // From here on the answer is written past Fastify, which would answer again when a client goes meanwhile.
        reply.hijack();
        await stream.send(frames);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return replyRefusal(request, reply, error);
      }
    },
  });
}

/** What is refused by the gate is told in the stream, as the protocol has it; a wrong method or token is not. @throws Refusal */
async function admit(operations: Operations, sent: OperationRequest, caller: Caller): Promise<Frames> {
  try {
    return await operations.run(await operations.admit(() => sent, caller));
  } catch (refusal) {
    if (!(refusal instanceof Refusal) || TOLD_BEFORE.has(refusal.status)) throw refusal;
    return single(JSON.stringify({ errors: refusal.errors }));
  }
}

/**
 * An EventSource can send no header of its own, so a preflight cannot be asked for as it is for GET elsewhere; browsers
 * say where a page comes from instead (Origin, or Sec-Fetch-Site of requests without CORS).
 */
function checkOrigin({ headers }: FastifyRequest, { allowsOrigin }: EventStreamOptions): void {
  const site = headers['sec-fetch-site'];
  const foreign = headers.origin ? !allowsOrigin(headers.origin, headers.host) : site?.toString().endsWith('-site');
  if (foreign) throw refuseRequest('BAD_REQUEST', 'Pages of this origin may not call this service.', { status: 403 });
}

/** @throws Refusal for what is no request for an event stream. */
function readSent(request: FastifyRequest): OperationRequest {
  const { headers } = request;
  if (headers['x-graphql-event-stream-token']) {
    const message = 'Open one connection for each operation: the single connection mode is not served.';
    throw refuseRequest('METHOD_NOT_ALLOWED', message, { status: 405 });
  }
  if (!headers.accept?.includes(EVENT_STREAM)) {
    throw refuseRequest('BAD_REQUEST', `Ask for an event stream by "accept: ${EVENT_STREAM}".`, { status: 406 });
  }
  if (request.method === 'GET') return readOperationParameters(request.query as Record<string, unknown>);
  return readOperationRequest(request.body);
}

async function authenticate(request: FastifyRequest, options: EventStreamOptions): Promise<Authentication | null> {
  try {
    return await options.authenticate(credentialsOf(request));
  } catch (error) {
    if (error instanceof Unauthenticated) throw refuseUnauthenticated(error);
    if (error instanceof Fault) throw refuseRequest(error.code, error.message, { status: 503 });
    if (!isUnavailable(error)) throw error;
    throw refuseRequest('SERVICE_UNAVAILABLE', UNAVAILABLE_MESSAGE, { status: 503 });
  }
}

/** One answer as a stream of events. */
class EventStream implements LiveConnection {
  readonly caller: Caller;
  private readonly raw: ServerResponse;
  private readonly headers: ReturnType<FastifyReply['getHeaders']>;
  private readonly gone = new Gone();
  private frames: Frames | null = null;
  private releases: (() => void)[] = [];
  private stalledPings = 0;

  constructor(
    request: FastifyRequest,
    reply: FastifyReply,
    private readonly authentication: Authentication | null,
    private readonly options: EventStreamOptions,
  ) {
    this.raw = reply.raw;
    this.headers = reply.getHeaders();
    const viewer = authentication?.viewer ?? null;
    const sent = request.headers['last-event-id'];
    const resumeAfter = typeof sent === 'string' && sent !== '' ? sent : null;
    const { id: requestId, ip: address } = request;
    const credentials = credentialsOf(request);
    this.caller = {
      ...{ viewer, deviceId: authentication?.deviceId ?? null, pending: authentication?.pending ?? null },
      ...{ requestId, transport: 'sse', address, credentials, gone: this.gone, resumeAfter },
    };
    // The response closes when it is finished as well; then nothing is left to abandon.
    this.raw.once('close', () => this.end());
  }

  /** Counts it among the connections of its address and of its viewer until it has closed; false when it is one too many. */
  claim(): boolean {
    const { counter, perAddressMax, perViewerMax } = this.options;
    const { viewer, address } = this.caller;
    const ofAddress = counter.acquire(`address:${address}`, perAddressMax);
    const ofViewer = viewer && counter.acquire(`viewer:${viewer.userId}`, perViewerMax);
    for (const release of [ofAddress, ofViewer]) if (release) this.releases.push(release);
    return ofAddress !== null && (viewer === null || ofViewer !== null);
  }

  /** Sends everything, as fast as the client reads. Never throws. */
  async send(frames: Frames): Promise<void> {
    this.frames = frames;
    if (this.raw.destroyed) return this.end();
    this.raw.on('error', () => {});
    this.raw.writeHead(200, { ...plain(this.headers), ...HEADERS, ...UNBUFFERED, ...frames.headers });
    this.raw.flushHeaders();
    this.watch();
    for (;;) {
      const frame = await frames.next();
      if (this.raw.writableEnded || this.raw.destroyed) return;
      if (!frame) break;
      const id = frame.id();
      await this.write(`event: next\n${id === null ? '' : `id: ${id}\n`}data: ${frame.payload}\n\n`);
    }
    this.raw.end(COMPLETE);
  }

  restart(retryAfterMs: number): void {
    if (!this.raw.headersSent) this.destroy();
    if (this.raw.destroyed) return;
    // HTML Standard §9.2.6: how long an EventSource waits before it connects again.
    this.raw.end(`retry: ${Math.round(retryAfterMs)}\n\n`);
    this.frames?.close();
  }

  destroy(): void {
    this.raw.destroy();
  }

  private watch(): void {
    const { connections, pingIntervalMs, watchSession } = this.options;
    this.releases.push(connections.add(this));
    const pings = setInterval(() => this.ping(), pingIntervalMs);
    this.releases.push(() => clearInterval(pings));
    if (!this.authentication) return;
    const { viewer, expiresAt } = this.authentication;
    const expiry = setTimeout(() => this.stop(), Math.min(Math.max(expiresAt - Date.now(), 0), TIMER_MAX_MS));
    this.releases.push(
      () => clearTimeout(expiry),
      watchSession(viewer, () => this.stop()),
    );
  }

  private ping(): void {
    if (this.raw.writableEnded) return;
    if (!this.raw.writableNeedDrain) {
      this.stalledPings = 0;
      this.raw.write(PING);
      return;
    }
    this.stalledPings += 1;
    if (this.stalledPings > STALL_MAX_PINGS) this.destroy();
  }

  /** Ends it without a word: a client that may come back does so with a fresh token. */
  private stop(): void {
    this.frames?.close();
    this.raw.end();
    // Nor does a client that reads nothing now get what is buffered when it reads again.
    const timer = setTimeout(() => this.destroy(), STOP_TIMEOUT_MS);
    this.releases.push(() => clearTimeout(timer));
  }

  private write(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.raw.write(text)) return resolve();
      const go = () => {
        this.raw.off('drain', go);
        this.raw.off('close', go);
        resolve();
      };
      this.raw.once('drain', go);
      this.raw.once('close', go);
    });
  }

  private end(): void {
    this.gone.happen();
    this.frames?.close();
    for (const release of this.releases.splice(0)) release();
  }
}

/** Security and CORS headers, which hooks have set before the answer was taken from Fastify. */
function plain(headers: ReturnType<FastifyReply['getHeaders']>): OutgoingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined));
}
