import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import { fastifyApolloHandler } from '@as-integrations/fastify';
import type { FastifyRequest } from 'fastify';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import { Fault } from '../kernel/errors';
import type { HttpServer } from '../platform/http/server';
import type { Database } from '../platform/postgres/database';
import type { Log } from '../platform/telemetry/log';
import { type Authenticate, GRAPHQL_PATH } from './authentication';
import { RequestContext } from './context';
import { presentError } from './errors';
import { logOperation } from './operation-log';
import { checkVariables, PORTICO_RULES } from './pipeline';
import { EVENT_STREAM_PATH, registerEventStream } from './sse';
import { registerWebSocket } from './websocket';

export interface GraphqlOptions {
  readonly schema: GraphQLSchema;
  readonly database: Database;
  readonly authenticate: Authenticate;
  readonly introspection: boolean;
  readonly tokensMax: number;
  readonly socketFrameMaxBytes: number;
  readonly log: Log;
}

/** Serves the schema over POST and GET, WebSocket (graphql-ws) and Server-Sent Events (graphql-sse). */
export async function registerGraphql(http: HttpServer, options: GraphqlOptions): Promise<void> {
  const apollo = new ApolloServer<RequestContext>({
    schema: options.schema,
    introspection: options.introspection,
    hideSchemaDetailsFromClientErrors: !options.introspection,
    validationRules: [...PORTICO_RULES],
    parseOptions: { maxTokens: options.tokensMax },
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    // Each of these makes a browser ask first (CORS preflight), so no foreign page can send it unasked.
    csrfPrevention: { requestHeaders: ['apollo-require-preflight', 'x-apollo-operation-name', 'authorization'] },
    persistedQueries: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => presentError(error, options.log, formatted.extensions?.['code']),
    logger: apolloLogger(options.log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      operationPlugin(options.log),
    ],
  });
  await apollo.start();
  http.onClose(() => void apollo.stop());
  const handler = fastifyApolloHandler(apollo, { context: (request) => openContext(options, request) });
  http.app.post(GRAPHQL_PATH, handler);
  await registerWebSocket(http, options, handler);
  registerEventStream(http, options);
}

/** The context of one HTTP operation. @throws GraphQLError UNAUTHENTICATED with status 401 for a bad token. */
async function openContext(options: GraphqlOptions, request: FastifyRequest): Promise<RequestContext> {
  try {
    const authentication = await options.authenticate(request.headers.authorization);
    return new RequestContext(options.database, authentication?.viewer ?? null, request.id, 'http');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    throw new GraphQLError(error.message, {
      originalError: error,
      extensions: { code: error.code, http: { status: 401 } },
    });
  }
}

function operationPlugin(log: Log): ApolloServerPlugin<RequestContext> {
  return {
    async requestDidStart() {
      const startedAt = performance.now();
      return {
        async didResolveOperation({ request, operation }) {
          if (operation?.operation === 'subscription') {
            throw new GraphQLError(`Subscribe over WebSocket, or ask for an event stream at ${EVENT_STREAM_PATH}.`, {
              extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
            });
          }
          checkVariables(request.variables);
        },
        async willSendResponse({ response, contextValue, operation, operationName }) {
          const errors = response.body.kind === 'single' ? response.body.singleResult.errors : undefined;
          logOperation(log, contextValue, {
            type: operation?.operation ?? 'refused',
            name: operationName ?? null,
            startedAt,
            errors,
          });
        },
      };
    },
  };
}

function apolloLogger(log: Log) {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: unknown) =>
    log[level]({ detail: message instanceof Error ? message.message : String(message) }, 'graphql server');
  return { debug: at('debug'), info: at('debug'), warn: at('warn'), error: at('error') };
}
