import type { IncomingMessage } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fastifyWebsocket, { type WebSocket } from '@fastify/websocket';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { CloseCode, GRAPHQL_TRANSPORT_WS_PROTOCOL, handleProtocols } from 'graphql-ws';
import type { ConnectionCounter } from '../platform/http/connection-counter';
import { TAGGED } from '../platform/http/hygiene';
import type { HttpServer } from '../platform/http/server';
import { type Authenticate, GRAPHQL_PATH, type WatchSession } from './authentication';
import { credentialsOf } from './caller';
import type { LiveConnections } from './live-connections';
import { type OperationOptions, Operations } from './operations';
import { SocketProtocol } from './socket-protocol';
import { CLOSE_TOO_MANY, type SocketLimits, SocketSession } from './socket-session';

export interface WebSocketLimits extends SocketLimits {
  /** Bytes of one message from a client. */
  readonly messageMaxBytes: number;
  /** Operations open at once on one socket. */
  readonly operationsMax: number;
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
    const session = new SocketSession(socket, { requestId, address, handshake: credentialsOf(request) }, counter, {
      ...options,
      prove: (caller) => options.gate.prove(caller),
    });
    const forget = connections.add(session);
    sessions.add(session);
    if (socket.protocol !== GRAPHQL_TRANSPORT_WS_PROTOCOL) {
      session.close(CloseCode.SubprotocolNotAcceptable, 'Subprotocol not acceptable');
    }
    const protocol = new SocketProtocol(session, operations, limits.operationsMax);
    socket.on('message', (data) => {
      protocol.take(String(data)).catch((err: Error) => {
        log.error({ err, requestId }, 'socket fault');
        session.close(CloseCode.InternalServerError, 'Something went wrong here');
      });
    });
    const beginning = setTimeout(() => {
      if (!protocol.hasBegun) session.close(CloseCode.ConnectionInitialisationTimeout, 'connection_init did not come');
    }, limits.initTimeoutMs);
    socket.once('close', () => {
      clearTimeout(beginning);
      release();
      forget();
      sessions.delete(session);
      session.end();
    });
  }
  http.app.route({ method: 'GET', url: GRAPHQL_PATH, config: TAGGED, handler: get, wsHandler });
  pingAll(http, sessions, limits.pingIntervalMs);
}

/** A client that does not confirm a close in this time is cut. */
const CLOSE_TIMEOUT_MS = 3_000;
/** Sockets pinged in one turn of the event loop. */
const PINGS_AT_ONCE = 250;

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
