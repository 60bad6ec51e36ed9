import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import type { ConnectionCounter } from '../platform/http/connection-counter';
import { TAGGED } from '../platform/http/hygiene';
import type { HttpServer } from '../platform/http/server';
import { type Authenticate, GRAPHQL_PATH, type WatchSession } from './authentication';
import type { Caller } from './caller';
import type { Admitted } from './gate';
import type { LiveConnections } from './live-connections';
import { type OperationOptions, Operations } from './operations';
import { readOperationRequest } from './pipeline/request';
import { CLOSE_TOO_MANY, type SocketLimits, SocketSession } from './socket-session';

export interface WebSocketLimits extends SocketLimits {
  /** Bytes of one message from a client. */
  readonly messageMaxBytes: number;
  /** How long a socket may stay without `connection_init`. */
  readonly initTimeoutMs: number;
  /** How often a socket is pinged; one that has not answered when the next ping is due is dead. */
  readonly pingIntervalMs: number;
  readonly perAddressMax: number;
  /** Whether pages of this origin may open a socket; asked only when a browser says where it comes from. */
  readonly allowsOrigin: (origin: string, host: string | undefined) => boolean;
}

export interface WebSocketOptions extends OperationOptions {
  readonly authenticate: Authenticate;
  readonly watchSession: WatchSession;
  readonly connections: LiveConnections;
  readonly counter: ConnectionCounter;
  readonly limits: WebSocketLimits;
}

type Handler = (request: FastifyRequest, reply: FastifyReply) => Promise<FastifyReply>;
type Extra = { readonly session: SocketSession } & Record<PropertyKey, unknown>;
interface LiveArgs extends ExecutionArgs {
  readonly admitted: Admitted;
  readonly caller: Caller;
  readonly session: SocketSession;
  /** The client's name for the operation. */
  readonly messageId: string;
}

/**
 * Serves the graphql-transport-ws protocol on the GraphQL path, beside `get` for plain GET requests. A socket signs in
 * by `connection_init` with `{ "authorization": "Bearer …" }`, renews its token by a `ping` with the same payload, and
 * is closed with 4403 when its token or session ends: the client connects again with a fresh token. Frames are sent
 * one by one, as fast as the client takes them.
 */
export async function registerWebSocket(http: HttpServer, options: WebSocketOptions, get: Handler): Promise<void> {
  const { limits, connections, counter, log } = options;
  const operations = new Operations(options);
  const sessions = new Set<SocketSession>();
  await http.app.register(fastifyWebsocket, {
    options: {
      maxPayload: limits.messageMaxBytes,
      perMessageDeflate: false,
      // Not yet known to the types of ws.
      ...{ closeTimeout: CLOSE_TIMEOUT_MS },
      handleProtocols,
      verifyClient: ({ req, origin }: { req: IncomingMessage; origin?: string }) =>
        !connections.draining && (!origin || limits.allowsOrigin(origin, req.headers.host)),
    },
    // Sockets are ended by `connections`, before this is reached.
    preClose(done) {
      http.app.websocketServer.close(() => done());
    },
  });
  const server = makeServer<Record<string, unknown>, Extra>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    async onConnect({ extra: { session }, connectionParams }) {
      // What a refused socket is closed with has been said; a second close would say nothing more.
      return (await session.signIn(connectionParams)) ? true : undefined;
    },
    onPing: ({ extra: { session } }, payload) => session.renew(payload),
    async onSubscribe({ extra: { session }, subscriptions }, messageId, payload) {
      // Until a client confirms that it closes, it can still send, and nothing may run on a token that has ended.
      if (!session.open) return [new GraphQLError('This socket is closing.')];
      const reason = await session.begin(messageId, subscriptions);
      if (reason) return [new GraphQLError(reason, { extensions: { code: 'RATE_LIMITED' } })];
      const caller = session.caller();
      try {
        const admitted = await operations.admit(() => readOperationRequest(payload), caller);
        const { document, operationName, variables } = admitted.prepared;
        const args = { schema: options.schema, document, operationName, variableValues: variables };
        return { ...args, admitted, caller, session, messageId } satisfies LiveArgs;
      } catch (refusal) {
        session.ended(messageId);
        return refusal as GraphQLError[];
      }
    },
    execute: (args) => send(operations, args as LiveArgs) as never,
    subscribe: (args) => send(operations, args as LiveArgs) as never,
  });

  function wsHandler(socket: WebSocket, request: FastifyRequest): void {
    const { id: requestId, ip: address } = request;
    // ws closes a socket with the fitting code when its client breaks the protocol. The listener that stands there
    // already would keep the whole request for as long as the socket lives.
    socket.removeAllListeners('error').on('error', (err) => log.debug({ err: err.message, requestId }, 'socket fault'));
    const release = counter.acquire(`address:${address}`, limits.perAddressMax);
    if (!release) {
      socket.close(CLOSE_TOO_MANY, 'Too many sockets from one address');
      return;
    }
    const session = new SocketSession(socket, requestId, address, counter, options);
    const forget = connections.add(session);
    sessions.add(session);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => session.send(text),
        close: (code, reason = '') => session.close(code ?? CLOSE_NORMAL, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            handle(String(data)).catch((err: Error) => {
              if (UNEXPECTED.test(err.message)) {
                session.close(CloseCode.BadRequest, 'This message is none that a client sends');
              } else {
                log.error({ err, requestId }, 'socket fault');
                session.close(CloseCode.InternalServerError, 'Something went wrong here');
              }
            });
          }),
        onPing: () => session.send(PONG),
      },
      { session },
    );
    socket.once('close', (code, reason) => {
      release();
      forget();
      sessions.delete(session);
      session.end();
      void closed(code, String(reason));
    });
  }
  http.app.route({ method: 'GET', url: GRAPHQL_PATH, config: TAGGED, handler: get, wsHandler });
  pingAll(http, sessions, limits.pingIntervalMs);
}

/** Without the payload that graphql-ws would send back: it may hold a token. */
const PONG = '{"type":"pong"}';
/** A client that does not confirm a close in this time is cut. */
const CLOSE_TIMEOUT_MS = 3_000;
const CLOSE_NORMAL = 1000;
/** What graphql-ws throws on a message that only a server sends. */
const UNEXPECTED = /^Unexpected message/;
/** Sockets pinged in one turn of the event loop. */
const PINGS_AT_ONCE = 250;

/**
 * Runs an operation as what graphql-ws takes for its results. It yields none: frames are written here as they are, so
 * that what many clients get alike is made into text once.
 */
async function send(operations: Operations, args: LiveArgs): Promise<AsyncIterable<never>> {
  const { admitted, caller, session, messageId } = args;
  const frames = await operations.run(admitted, caller);
  const head = `{"id":${JSON.stringify(messageId)},"type":"next","payload":`;
  let begun = false;
  session.carry(messageId, frames);
  const sending: AsyncIterableIterator<never> = {
    async next() {
      begun = true;
      for (let frame = await frames.next(); frame && session.open; frame = await frames.next()) {
        await session.send(`${head}${frame.payload}}`);
      }
      frames.close();
      session.ended(messageId);
      return { done: true, value: undefined };
    },
    async return() {
      frames.close();
      if (!begun) session.ended(messageId);
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => sending,
  };
  return sending;
}

/** One timer for all: an idle socket costs none of its own. Sockets that have not answered the last ping are cut. */
function pingAll(http: HttpServer, sessions: ReadonlySet<SocketSession>, intervalMs: number): void {
  const timer = setInterval(async () => {
    const all = [...sessions];
    for (let i = 0; i < all.length; i += PINGS_AT_ONCE) {
      // Answers that came while this process itself stood still are read before anybody is taken for dead.
      await nextTurn();
      for (const session of all.slice(i, i + PINGS_AT_ONCE)) session.ping();
    }
  }, intervalMs);
  timer.unref();
  http.app.addHook('onClose', async () => clearInterval(timer));
}
