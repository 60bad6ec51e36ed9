import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { newId } from '../../kernel/ids';
import { within } from '../lifecycle/within';
import type { Log } from '../telemetry/log';
import { SECURITY_HEADERS } from './hygiene';

export interface HttpServerOptions {
  readonly bodyMaxBytes: number;
  /** How long a client may take to send a whole request. */
  readonly requestTimeoutMs: number;
  /** Proxies in front of this process that set X-Forwarded-For; the header is believed from no others. */
  readonly trustedProxies: number;
  readonly log: Log;
}

export type ServeFirst = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HttpServer {
  readonly app: FastifyInstance;
  /** Lets `serve` answer a request before anything else looks at it; it answers false for one that it does not know. */
  serveFirst(serve: ServeFirst): void;
  /** Registers what must end before connections can, such as open event streams and sockets, in the time given. */
  onClose(end: (withinMs: number) => unknown): void;
  listen(host: string, port: number): Promise<string>;
  /**
   * Answers 503 to whatever comes from now on, `/health/ready` included, lets requests finish, ends streams, stops
   * listening, and returns within `deadlineMs` whatever clients do.
   */
  close(deadlineMs: number): Promise<void>;
}

const IDLE_SWEEP_MS = 50;
/** The part of the time that live connections have to end; the rest is for requests. */
const LIVE_SHARE = 0.7;
const HEADERS_TIMEOUT_MAX_MS = 10_000;
const JSON_TYPE = 'application/json; charset=utf-8';
const PATH_SHOWN_MAX = 200;
const TIMEOUT_CHECK_MAX_MS = 1_000;
/** For the sockets that have just been cut to be counted as closed. */
const CUT_GRACE_MS = 500;
const ENDING_HEADERS = { 'retry-after': 1, connection: 'close', 'cache-control': 'no-store' };
const CODE_OF_STATUS: Record<number, string> = {
  404: 'NOT_FOUND',
  408: 'REQUEST_TIMEOUT',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
};

/** HTTP without any route. Failures below GraphQL are answered in GraphQL's shape, so that clients need one parser. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const app = fastify({
    logger: false,
    bodyLimit: options.bodyMaxBytes,
    requestTimeout: options.requestTimeoutMs,
    // Node answers 408 to headers that dribble in; without its own limit they would have the whole request's time.
    http: {
      headersTimeout: Math.min(options.requestTimeoutMs, HEADERS_TIMEOUT_MAX_MS),
      // Node looks every 30 s otherwise, which would be the real end of a slow request.
      connectionsCheckingInterval: Math.min(options.requestTimeoutMs, TIMEOUT_CHECK_MAX_MS),
    },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, _request, reply) => {
      const { raw } = reply;
      const body = JSON.stringify(graphqlShaped('This is no address of this service.', 'BAD_REQUEST'));
      const length = Buffer.byteLength(body);
      raw.writeHead(error.statusCode ?? 400, {
        ...SECURITY_HEADERS,
        'content-type': JSON_TYPE,
        'content-length': length,
      });
      raw.end(body);
    },
    trustProxy: (_address, hop) => hop < options.trustedProxies,
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    genReqId: () => newId(),
    // Answered below, in the shape of everything else.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
  });
  // A form or a simple text needs no preflight, so any page could send one.
  app.removeContentTypeParser('text/plain');
  const ends: ((withinMs: number) => unknown)[] = [];
  let closing = false;
  app.addHook('onRequest', ({ headers, raw }, reply, done) => {
    if (!closing) return done();
    // Node does not end what asked to be upgraded.
    if (headers.upgrade) reply.raw.once('finish', () => raw.socket.destroySoon());
    void reply
      .code(503)
      .headers({ ...SECURITY_HEADERS, ...ENDING_HEADERS })
      .send(graphqlShaped('This process is about to end. Try again: another one answers.', 'SERVICE_UNAVAILABLE'));
  });
  let first: ServeFirst | null = null;
  const others = app.server.listeners('request') as ((...args: [IncomingMessage, ServerResponse]) => void)[];
  app.server.removeAllListeners('request').on('request', (request, response) => {
    if (!closing && first?.(request, response)) return;
    for (const listener of others) listener(request, response);
  });
  const sockets = new Set<Socket>();
  app.server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });

  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 500) options.log.error({ requestId: request.id, err: error }, 'http fault');
    const message = status >= 500 ? `Something went wrong here. Report id: ${request.id}.` : error.message;
    void reply.code(status).send(graphqlShaped(message, status >= 500 ? 'INTERNAL' : codeOf(status)));
  });
  app.setNotFoundHandler((request, reply) => {
    void reply
      .code(404)
      .send(graphqlShaped(`Nothing is served at ${request.method} ${pathOf(request.url)}.`, codeOf(404)));
  });

  return {
    app,
    serveFirst(serve) {
      first = serve;
    },
    onClose: (end) => ends.push(end),
    listen: (host, port) => app.listen({ host, port }),
    async close(deadlineMs) {
      closing = true;
      const deadline = AbortSignal.timeout(deadlineMs);
      let closed = false;
      const ended = app.close().then(
        () => {
          closed = true;
        },
        (err: Error) => options.log.warn({ err: err.message }, 'http close'),
      );
      // Nobody is let in any more; who is inside goes on, and is told to come back elsewhere.
      for (const end of ends) void end(deadlineMs * LIVE_SHARE);
      // A keep-alive connection becomes idle only after its last answer, so one sweep is not enough.
      while (!closed && !deadline.aborted) {
        app.server.closeIdleConnections();
        // Opened ahead and never used, which Node does not count as idle.
        for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
        await within(IDLE_SWEEP_MS, ended, undefined);
      }
      app.server.closeAllConnections();
      // Sockets that were upgraded as well, which Node does not count any more.
      for (const socket of sockets) socket.destroy();
      await within(CUT_GRACE_MS, ended, undefined);
    },
  };
}

/** Statuses of what Node refuses before there is a request, by the code of its error; 400 for all else. */
const BROKEN_REQUESTS: Record<string, readonly [status: number, message: string]> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'This request took too long to arrive.'],
  HPE_HEADER_OVERFLOW: [431, 'The headers of this request are too large.'],
};

function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy();
  const [status, message] = BROKEN_REQUESTS[error.code ?? ''] ?? [400, 'This is not HTTP as this service speaks it.'];
  const body = JSON.stringify(graphqlShaped(message, codeOf(status)));
  const headers = {
    ...SECURITY_HEADERS,
    'content-type': JSON_TYPE,
    'content-length': Buffer.byteLength(body),
    connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n'));
  socket.destroySoon();
}

function graphqlShaped(message: string, code: string): object {
  return { errors: [{ message, extensions: { code } }] };
}

function codeOf(status: number): string {
  return CODE_OF_STATUS[status] ?? 'BAD_REQUEST';
}

function pathOf(url: string): string {
  const path = url.split('?', 1)[0] ?? '/';
  return path.length > PATH_SHOWN_MAX ? `${path.slice(0, PATH_SHOWN_MAX)}…` : path;
}
