import type { IncomingMessage } from 'node:http';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode, handleProtocols, makeServer } from 'graphql-ws';
import { ConnectionCounter } from '../platform/http/connection-counter';
import { TAGGED } from '../platform/http/hygiene';
import type { HttpServer } from '../platform/http/server';
import { type Authenticate, GRAPHQL_PATH, type WatchSession } from './authentication';
import type { Caller } from './caller';
import type { Admitted } from './gate';
import type { LiveConnections } from './live-connections';
import { type Frames, type OperationOptions, Operations } from './operations';
import { readOperationRequest } from './pipeline/request';
import { CLOSE_TOO_MANY, type SocketLimits, SocketSession } from './socket-session';

export interface WebSocketLimits extends SocketLimits {
  /** Bytes of one message from a client. */
  readonly messageMaxBytes: number;
  /** How long a socket may stay without `connection_init`. */
  readonly initTimeoutMs: number;
  /** Operations open at once on one socket. */
  readonly operationsMax: number;
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
  const { limits, connections, log } = options;
  const operations = new Operations(options);
  const counter = new ConnectionCounter();
  await http.app.register(fastifyWebsocket, {
    options: {
      maxPayload: limits.messageMaxBytes,
      perMessageDeflate: false,
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
      if (Object.keys(subscriptions).length > limits.operationsMax) {
        return [limited(`A socket carries at most ${limits.operationsMax} operations at once. Complete some first.`)];
      }
      if (!session.mayBegin()) return [limited('Too many operations too fast on one socket. Slow down.')];
      const caller = session.caller();
      try {
        const admitted = await operations.admit(() => readOperationRequest(payload), caller);
        const { document, operationName, variables } = admitted.prepared;
        const args = { schema: options.schema, document, operationName, variableValues: variables };
        return { ...args, admitted, caller, session, messageId } satisfies LiveArgs;
      } catch (refusal) {
        return refusal as GraphQLError[];
      }
    },
    execute: (args) => send(operations, args as LiveArgs) as never,
    subscribe: (args) => send(operations, args as LiveArgs) as never,
  });

  function wsHandler(socket: WebSocket, request: FastifyRequest): void {
    // ws closes a socket with the fitting code when its client breaks the protocol.
    socket.on('error', (err) => log.debug({ err: err.message, requestId: request.id }, 'socket fault'));
    const release = counter.acquire(`address:${request.ip}`, limits.perAddressMax);
    if (!release) {
      socket.close(CLOSE_TOO_MANY, 'Too many sockets from one address');
      return;
    }
    const session = new SocketSession(socket, request, counter, options);
    const forget = connections.add(session);
    const closed = server.opened(
      {
        protocol: socket.protocol,
        send: (text) => session.send(text),
        close: (code, reason) => socket.close(code, reason),
        onMessage: (handle) =>
          socket.on('message', (data) => {
            handle(String(data)).catch((err: Error) => {
              log.debug({ err: err.message, requestId: request.id }, 'socket message refused');
              socket.close(CloseCode.BadRequest, 'This message is none that a client sends');
            });
          }),
        onPing: () => session.send(PONG),
      },
      { session },
    );
    socket.once('close', (code, reason) => {
      release();
      forget();
      session.end();
      void closed(code, String(reason));
    });
  }
  http.app.route({ method: 'GET', url: GRAPHQL_PATH, config: TAGGED, handler: get, wsHandler });
  pingSockets(http, limits.pingIntervalMs);
}

/** Without the payload that graphql-ws would send back: it may hold a token. */
const PONG = '{"type":"pong"}';

/**
 * Runs an operation as what graphql-ws takes for its results. It yields none: frames are written here as they are, so
 * that what many clients get alike is made into text once.
 */
async function send(operations: Operations, args: LiveArgs): Promise<AsyncIterable<never>> {
  const { admitted, caller, session, messageId } = args;
  const frames = await operations.run(admitted, caller);
  const head = `{"id":${JSON.stringify(messageId)},"type":"next","payload":`;
  const sending: AsyncIterableIterator<never> = {
    async next() {
      await pump(frames, session, head);
      return { done: true, value: undefined };
    },
    async return() {
      frames.close();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]: () => sending,
  };
  return sending;
}

async function pump(frames: Frames, session: SocketSession, head: string): Promise<void> {
  for (;;) {
    const frame = await frames.next();
    if (!frame || !session.open) break;
    await session.send(`${head}${frame.payload}}`);
  }
  frames.close();
}

function limited(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'RATE_LIMITED' } });
}

/** Cuts every socket that has not answered the last ping. One timer for all: an idle socket costs none of its own. */
function pingSockets(http: HttpServer, intervalMs: number): void {
  const unanswered = new WeakSet<WebSocket>();
  const timer = setInterval(() => {
    for (const socket of http.app.websocketServer.clients as Set<WebSocket>) {
      if (socket.readyState !== socket.OPEN) continue;
      if (unanswered.has(socket)) {
        socket.terminate();
        continue;
      }
      unanswered.add(socket);
      socket.once('pong', () => unanswered.delete(socket));
      socket.ping();
    }
  }, intervalMs);
  timer.unref();
  http.app.addHook('onClose', async () => clearInterval(timer));
}
