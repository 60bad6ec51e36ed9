import {
  ApolloServer,
  type ApolloServerOptionsWithGateway,
  type ApolloServerPlugin,
  type GraphQLRequestListener,
  HeaderMap,
} from '@apollo/server';
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from '@apollo/server/plugin/disabled';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { ERROR_CODES } from '../kernel/error-codes';
import { ConnectionCounter } from '../platform/http/connection-counter';
import type { HttpServer } from '../platform/http/server';
import type { Log } from '../platform/telemetry/log';
import { GRAPHQL_PATH, type WatchSession } from './authentication';
import type { Executor } from './compiled/executor';
import { isTooLarge } from './compiled/size';
import { presentError } from './errors';
import { type HttpContext, HttpOperations, type HttpOperationsOptions, settleCost } from './http';
import type { LiveConnections } from './live-connections';
import { logOperation } from './operation-log';
import type { RequestPipeline } from './pipeline/pipeline';
import { registerEventStream } from './sse';
import { registerWebSocket, type WebSocketLimits } from './websocket';

export interface GraphqlOptions extends HttpOperationsOptions {
  readonly pipeline: RequestPipeline;
  readonly sockets: WebSocketLimits;
  readonly watchSession: WatchSession;
  readonly connections: LiveConnections;
}

/** Where the catalogue of error codes stands, for those who generate clients. */
const ERRORS_PATH = '/errors.json';
const ERRORS_CACHE = 'public, max-age=3600';

/** Serves the schema over POST and GET, WebSocket (graphql-ws) and Server-Sent Events. */
export async function registerGraphql(http: HttpServer, options: GraphqlOptions): Promise<void> {
  const { pipeline, log } = options;
  const apollo = new ApolloServer<HttpContext>({
    gateway: gatewayTo(options),
    introspection: true,
    // The gate has parsed, limited and validated the document already; it is found here by its hash.
    dangerouslyDisableValidation: true,
    documentStore: {
      get: async (key) => pipeline.documents.find(key.slice(-HASH_LENGTH))?.document,
      set: async () => {},
      delete: async () => {},
    },
    includeStacktraceInErrorResponses: false,
    allowBatchedHttpRequests: false,
    // HttpOperations has asked for the preflight before the gate took any budget.
    csrfPrevention: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    formatError: (formatted, error) => presentError(error, log, formatted.extensions?.['code']),
    stringifyResult: JSON.stringify,
    logger: apolloLogger(log),
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      operationPlugin(log, options.executor),
    ],
  });
  await apollo.start();
  const operations = new HttpOperations(apollo, options);
  const { answers } = options;
  http.serveFirst(answers.serve);
  // Once it has stopped it answers nothing, also no request that had come before.
  http.app.addHook('onClose', () => {
    operations.stopped = true;
    answers.close();
    return apollo.stop();
  });
  http.app.post(GRAPHQL_PATH, operations.handle);
  http.app.get(ERRORS_PATH, async (_request, reply) => reply.header('cache-control', ERRORS_CACHE).send(ERROR_CODES));
  const counter = new ConnectionCounter();
  await registerWebSocket(http, { ...options, counter, limits: options.sockets }, operations.handle);
  const { allowsOrigin, pingIntervalMs, perAddressMax, perViewerMax } = options.sockets;
  registerEventStream(http, { ...options, counter, allowsOrigin, pingIntervalMs, perAddressMax, perViewerMax });
}

/** Apollo Server's hook for an executor other than graphql-js. The operation is the one that the gate has prepared. */
function gatewayTo({ schema, executor }: { schema: GraphQLSchema; executor: Executor }): Gateway {
  let onSchema: Parameters<Gateway['onSchemaLoadOrUpdate']>[0] = () => {};
  return {
    onSchemaLoadOrUpdate(callback) {
      onSchema = callback;
      return () => {};
    },
    async load() {
      onSchema({ apiSchema: schema, coreSupergraphSdl: '' });
      return {
        executor: async ({ context }) => (context as HttpContext).made ?? makeAnswer(executor, context as HttpContext),
      };
    },
    async stop() {},
  };
}

async function makeAnswer(executor: Executor, context: HttpContext): Promise<ExecutionResult> {
  const result = await executor.execute(context.admitted.prepared, context);
  context.answer.tooLarge = isTooLarge(result);
  return result;
}

type Gateway = ApolloServerOptionsWithGateway<HttpContext>['gateway'];

/** SHA-256 in hex. */
const HASH_LENGTH = 64;

/** Every header of an answer is set elsewhere. */
const NO_HEADERS = { headers: new HeaderMap() };

function operationPlugin(log: Log, executor: Executor): ApolloServerPlugin<HttpContext> {
  const listener: GraphQLRequestListener<HttpContext> = {
    // What Apollo Server prepares for a gateway takes longer than a small query. It is asked for what it does with errors.
    async responseForOperation({ contextValue }) {
      const made = await makeAnswer(executor, contextValue);
      if (!made.errors) return { http: NO_HEADERS, body: { kind: 'single', singleResult: { ...made } } };
      contextValue.made = made;
      return null;
    },
    async willSendResponse({ request, response, contextValue, operation, operationName }) {
      if (response.body.kind !== 'single') return;
      const { singleResult } = response.body;
      const report = settleCost(contextValue, singleResult.data);
      // An answer by GET is compared by its ETag; there the budget stands in the headers alone.
      if (request.http?.method === 'POST') singleResult.extensions = { cost: report };
      logOperation(log, contextValue, {
        type: operation?.operation ?? 'refused',
        name: operationName ?? null,
        startedAt: contextValue.startedAt,
        units: report.actual,
        errors: singleResult.errors,
      });
    },
  };
  return { requestDidStart: async () => listener };
}

function apolloLogger(log: Log) {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: unknown) =>
    log[level]({ detail: message instanceof Error ? message.message : String(message) }, 'graphql server');
  return { debug: at('debug'), info: at('debug'), warn: at('warn'), error: at('error') };
}
