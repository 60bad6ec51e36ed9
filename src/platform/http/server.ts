import { setTimeout as delay } from 'node:timers/promises';
import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { newId } from '../../kernel/ids';
import type { Log } from '../telemetry/log';

export interface HttpServerOptions {
  readonly bodyMaxBytes: number;
  /** How long a client may take to send a whole request. */
  readonly requestTimeoutMs: number;
  readonly log: Log;
}

export interface HttpServer {
  readonly app: FastifyInstance;
  /** Registers what must end before connections can: open event streams, sockets. */
  onClose(end: () => void): void;
  listen(host: string, port: number): Promise<string>;
  /** Stops accepting, ends streams, lets requests finish, and returns within `deadlineMs` whatever clients do. */
  close(deadlineMs: number): Promise<void>;
}

const IDLE_SWEEP_MS = 50;
/** For the sockets that have just been cut to be counted as closed. */
const CUT_GRACE_MS = 500;
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
    genReqId: () => newId(),
    return503OnClosing: true,
    routerOptions: { ignoreTrailingSlash: true },
  });
  const ends: (() => void)[] = [];

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
    onClose: (end) => ends.push(end),
    listen: (host, port) => app.listen({ host, port }),
    async close(deadlineMs) {
      const deadline = AbortSignal.timeout(deadlineMs);
      for (const end of ends) end();
      let closed = false;
      const closing = app.close().then(
        () => {
          closed = true;
        },
        (err: Error) => options.log.warn({ err: err.message }, 'http close'),
      );
      // A keep-alive connection becomes idle only after its last answer, so one sweep is not enough.
      while (!closed && !deadline.aborted) {
        app.server.closeIdleConnections();
        await Promise.race([closing, delay(IDLE_SWEEP_MS)]);
      }
      app.server.closeAllConnections();
      await Promise.race([closing, delay(CUT_GRACE_MS)]);
    },
  };
}

function graphqlShaped(message: string, code: string): object {
  return { errors: [{ message, extensions: { code } }] };
}

function codeOf(status: number): string {
  return CODE_OF_STATUS[status] ?? 'BAD_REQUEST';
}

function pathOf(url: string): string {
  return url.split('?', 1)[0] ?? '/';
}
