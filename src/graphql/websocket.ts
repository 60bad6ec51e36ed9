import fastifyWebsocket from '@fastify/websocket';
import type { RouteHandlerMethod } from 'fastify';
import { type ExecutionArgs, GraphQLError } from 'graphql';
import { CloseCode } from 'graphql-ws';
import { type Extra, makeHandler } from 'graphql-ws/use/@fastify/websocket';
import { Fault } from '../kernel/errors';
import type { HttpServer } from '../platform/http/server';
import { type Authenticate, type Authentication, GRAPHQL_PATH } from './authentication';
import { type Caller, type OperationOptions, Operations } from './operations';
import type { PreparedOperation } from './pipeline';

export interface WebSocketOptions extends OperationOptions {
  readonly authenticate: Authenticate;
  /** Bytes of one message from a client. */
  readonly socketFrameMaxBytes: number;
}

type SocketExtra = Extra &
  Record<PropertyKey, unknown> & { authentication?: Authentication | null; expiry?: NodeJS.Timeout };
type LiveArgs = ExecutionArgs & { readonly prepared: PreparedOperation; readonly caller: Caller };

/** RFC 6455 §7.4.1 "service restart": clients of graphql-ws reconnect, with back-off. */
const CLOSE_RESTART = 1012;
const PING_INTERVAL_MS = 12_000;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/**
 * Serves the graphql-transport-ws protocol on the GraphQL path, beside `get` for plain GET requests. A socket signs in
 * once, by `connection_init` with `{ "authorization": "Bearer …" }`, and is closed with 4403 when that token is refused
 * or ends: the client connects again with a fresh one.
 */
export async function registerWebSocket(
  http: HttpServer,
  options: WebSocketOptions,
  get: RouteHandlerMethod,
): Promise<void> {
  const operations = new Operations(options);
  await http.app.register(fastifyWebsocket, {
    options: { maxPayload: options.socketFrameMaxBytes, perMessageDeflate: false },
    preClose(done) {
      for (const client of http.app.websocketServer.clients) client.close(CLOSE_RESTART, 'Restarting');
      http.app.websocketServer.close(() => done());
    },
  });
  const wsHandler = makeHandler<Record<string, unknown>, SocketExtra>(
    {
      async onConnect({ extra, connectionParams }) {
        try {
          extra.authentication = await options.authenticate(authorizationOf(connectionParams));
        } catch (error) {
          if (!(error instanceof Fault)) throw error;
          extra.socket.close(CloseCode.Forbidden, error.message.slice(0, CLOSE_REASON_MAX));
          return undefined;
        }
        if (extra.authentication) extra.expiry = closeAtExpiry(extra, extra.authentication.expiresAt);
        return true;
      },
      onClose: ({ extra }) => clearTimeout(extra.expiry),
      onSubscribe({ extra }, _id, payload) {
        // Until a client confirms that it closes, it can still send, and nothing may run on a token that has ended.
        if (extra.socket.readyState !== extra.socket.OPEN) return [new GraphQLError('This socket is closing.')];
        const viewer = extra.authentication?.viewer ?? null;
        const caller: Caller = { viewer, requestId: extra.request.id, transport: 'websocket' };
        try {
          const prepared = operations.prepare(payload, caller);
          return {
            schema: options.schema,
            document: prepared.document,
            operationName: prepared.operationName,
            variableValues: prepared.variables,
            prepared,
            caller,
          } satisfies LiveArgs;
        } catch (refusal) {
          return refusal as GraphQLError[];
        }
      },
      execute: (args) => run(operations, args as LiveArgs),
      subscribe: (args) => run(operations, args as LiveArgs) as never,
    },
    PING_INTERVAL_MS,
  );
  http.app.route({ method: 'GET', url: GRAPHQL_PATH, handler: get, wsHandler: wsHandler as never });
}

const CLOSE_REASON_MAX = 100;

function run(operations: Operations, { prepared, caller }: LiveArgs) {
  return operations.run(prepared, caller);
}

function closeAtExpiry({ socket }: SocketExtra, expiresAt: number): NodeJS.Timeout {
  const ms = Math.min(Math.max(expiresAt - Date.now(), 0), TIMER_MAX_MS);
  return setTimeout(() => socket.close(CloseCode.Forbidden, 'The access token has ended'), ms);
}

function authorizationOf(params: Record<string, unknown> | undefined): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'];
  return typeof value === 'string' ? value : undefined;
}
