import { setMaxListeners } from 'node:events';
import type { IncomingMessage } from 'node:http';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { Fault } from '../kernel/errors';
import { ConnectionCounter, Rate } from '../platform/http/connection-counter';
import type { HttpServer } from '../platform/http/server';
import { type Authenticate, type Authentication, GRAPHQL_PATH } from './authentication';
import type { Caller } from './caller';
import type { Admitted } from './gate';
import { type OperationOptions, Operations } from './operations';

export interface WebSocketLimits {
  /** Bytes of one message from a client. */
  readonly messageMaxBytes: number;
  /** How long a socket may stay without `connection_init`. */
  readonly initTimeoutMs: number;
  /** Operations open at once on one socket. */
  readonly operationsMax: number;
  /** Messages and pings of one socket; operations begun are counted apart. */
  readonly messagesPerSecond: number;
  readonly operationsPerSecond: number;
  /** How often a socket is pinged; one that has not answered when the next ping is due is dead. */
  readonly pingIntervalMs: number;
  readonly perViewerMax: number;
  readonly perAddressMax: number;
  /** Whether pages of this origin may open a socket; asked only when a browser says where it comes from. */
  readonly allowsOrigin: (origin: string, host: string | undefined) => boolean;
}

export interface WebSocketOptions extends OperationOptions {
  readonly authenticate: Authenticate;
  readonly limits: WebSocketLimits;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
type SocketExtra = Extra &
  Record<PropertyKey, unknown> & {
    authentication?: Authentication | null;
    expiry?: NodeJS.Timeout;
    release?: () => void;
    gone?: AbortController;
    operationRate?: Rate;
  };
type LiveArgs = ExecutionArgs & { readonly admitted: Admitted; readonly caller: Caller };

/** RFC 6455 §7.4.1 "service restart": clients of graphql-ws reconnect, with back-off. */
const CLOSE_RESTART = 1012;
/** graphql-ws: fatal, a client does not try again by itself. */
const CLOSE_TOO_MANY = 4429;
const CLOSE_REASON_MAX = 100;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Serves the graphql-transport-ws protocol on the GraphQL path, beside `get` for plain GET requests. A socket signs in
 * once, by `connection_init` with `{ "authorization": "Bearer …" }`, and is closed with 4403 when that token is refused
 * or ends: the client connects again with a fresh one.
 */
export async function registerWebSocket(http: HttpServer, options: WebSocketOptions, get: Handler): Promise<void> {
  const { limits } = options;
  const operations = new Operations(options);
  const counter = new ConnectionCounter();
  await http.app.register(fastifyWebsocket, {
    options: {
      maxPayload: limits.messageMaxBytes,
      perMessageDeflate: false,
      verifyClient: ({ req, origin }: { req: IncomingMessage; origin?: string }) =>
        !origin || limits.allowsOrigin(origin, req.headers.host),
    },
    preClose(done) {
      for (const client of http.app.websocketServer.clients) client.close(CLOSE_RESTART, 'Restarting');
      http.app.websocketServer.close(() => done());
    },
  });
  const serve = makeHandler<Record<string, unknown>, SocketExtra>(
    {
      connectionInitWaitTimeout: limits.initTimeoutMs,
      async onConnect({ extra, connectionParams }) {
        try {
          extra.authentication = await options.authenticate(authorizationOf(connectionParams));
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          extra.socket.close(CloseCode.Forbidden, error.message.slice(0, CLOSE_REASON_MAX));
          return undefined;
        }
        if (!extra.authentication) return true;
        const { viewer, expiresAt } = extra.authentication;
        const release = counter.acquire(`viewer:${viewer.userId}`, limits.perViewerMax);
        if (!release) {
          extra.socket.close(CLOSE_TOO_MANY, 'Too many sockets of one account');
          return undefined;
        }
        extra.release = release;
        extra.expiry = closeAtExpiry(extra, expiresAt);
        return true;
      },
      onClose({ extra }) {
        clearTimeout(extra.expiry);
        extra.gone?.abort();
        extra.release?.();
      },
      async onSubscribe({ extra, subscriptions }, _id, payload) {
        const { request, socket } = extra;
        // Until a client confirms that it closes, it can still send, and nothing may run on a token that has ended.
        if (socket.readyState !== socket.OPEN) return [new GraphQLError('This socket is closing.')];
        const viewer = extra.authentication?.viewer ?? null;
        extra.gone ??= socketGone();
        const gone = extra.gone.signal;
        const caller: Caller = { viewer, requestId: request.id, transport: 'websocket', address: request.ip, gone };
        extra.operationRate ??= new Rate(limits.operationsPerSecond);
        if (Object.keys(subscriptions).length > limits.operationsMax) {
          return [limited(`A socket carries at most ${limits.operationsMax} operations at once. Complete some first.`)];
        }
        if (!extra.operationRate.take()) return [limited('Too many operations too fast on one socket. Slow down.')];
        try {
          const admitted = await operations.admit(payload, caller);
          const { document, operationName, variables } = admitted.prepared;
          const args = { schema: options.schema, document, operationName, variableValues: variables };
          return { ...args, admitted, caller } satisfies LiveArgs;
        } catch (refusal) {
          return refusal as GraphQLError[];
        }
      },
      execute: (args) => run(operations, args as LiveArgs),
      subscribe: (args) => run(operations, args as LiveArgs) as never,
    },
    limits.pingIntervalMs,
  );
  function wsHandler(this: ThisParameterType<typeof serve>, socket: WebSocket, request: FastifyRequest): void {
    const release = counter.acquire(`address:${request.ip}`, limits.perAddressMax);
    if (!release) {
      socket.close(CLOSE_TOO_MANY, 'Too many sockets from one address');
      return;
    }
    socket.once('close', release);
    const rate = new Rate(limits.messagesPerSecond);
    const count = () => rate.take() || socket.close(CLOSE_TOO_MANY, 'Too many messages');
    socket.on('message', count);
    socket.on('ping', count);
    socket.on('pong', count);
    serve.call(this, socket, request);
    // graphql-ws prints what a client does wrong, stack and all; ws has closed the socket with its code by then.
    socket.removeAllListeners('error');
    socket.on('error', (err) => options.log.debug({ err: err.message, requestId: request.id }, 'socket fault'));
  }
  http.app.route({ method: 'GET', url: GRAPHQL_PATH, handler: get, wsHandler });
}

function run(operations: Operations, { admitted, caller }: LiveArgs) {
  return operations.run(admitted, caller);
}

function socketGone(): AbortController {
  const gone = new AbortController();
  // One listener per operation that is open on the socket, and those are bounded.
  setMaxListeners(0, gone.signal);
  return gone;
}

function limited(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}

function closeAtExpiry({ socket }: SocketExtra, expiresAt: number): NodeJS.Timeout {
  const ms = Math.min(Math.max(expiresAt - Date.now(), 0), TIMER_MAX_MS);
  return setTimeout(() => socket.close(CloseCode.Forbidden, 'The access token has ended'), ms);
}

function authorizationOf(params: Record<string, unknown> | undefined): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'];
  return typeof value === 'string' ? value : undefined;
}
