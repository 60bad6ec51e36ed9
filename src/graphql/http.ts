import { createHash } from 'node:crypto';
import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GraphQLSchema } from 'graphql';
import { Unauthenticated } from '../kernel/errors';
import { contentOfTag } from '../platform/http/hygiene';
import type { Database } from '../platform/postgres/database';
import type { Log } from '../platform/telemetry/log';
import type { Authenticate } from './authentication';
import { beforehandOf } from './beforehand';
import { publicMaxAge } from './cache-hints';
import { type Caller, credentialsOf } from './caller';
import { refuseUnauthenticated } from './challenge';
import { RequestContext } from './context';
import { Deadline } from './deadline';
import { presentError, ResponseTooLarge } from './errors';
import type { Admitted, Gate } from './gate';
import { logOperation } from './operation-log';
import { measureCost } from './pipeline/cost';
import type { PreparedOperation } from './pipeline/pipeline';
import { Refusal, refuseRequest } from './pipeline/refusal';
import { readOperationParameters, readOperationRequest } from './pipeline/request';
import { replyRefusal } from './refusal-reply';

export interface HttpOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly database: Database;
  readonly authenticate: Authenticate;
  readonly gate: Gate;
  readonly operationTimeoutMs: number;
  readonly responseMaxBytes: number;
  readonly log: Log;
}

/** What Apollo Server's plugin needs of the request around it. */
export class HttpContext extends RequestContext {
  constructor(
    readonly admitted: Admitted,
    readonly startedAt: number,
    ...rest: ConstructorParameters<typeof RequestContext>
  ) {
    super(...rest);
  }
}

/** Serves operations by POST and GET: the gate first, then Apollo Server with what the gate has prepared. */
export class HttpOperations {
  /** Apollo Server runs nothing any more: what is still here when the time of a shutdown is over is told so. */
  stopped = false;

  constructor(
    private readonly apollo: ApolloServer<HttpContext>,
    private readonly options: HttpOperationsOptions,
  ) {}

  readonly handle = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const startedAt = performance.now();
    const { id: requestId, ip: address } = request;
    const credentials = credentialsOf(request);
    let caller: Caller = { viewer: null, requestId, transport: 'http', address, credentials };
    try {
      if (request.method === 'GET') checkPreflight(request);
      const sent =
        request.method === 'GET'
          ? readOperationParameters(request.query as Record<string, unknown>)
          : readOperationRequest(request.body);
      const authentication = await this.options.authenticate(credentials);
      caller = { ...caller, viewer: authentication?.viewer ?? null, proof: authentication?.proof ?? null };
      const admitted = await this.options.gate.admit(sent, caller);
      checkMethod(admitted.prepared);
      return await this.run(request, reply, caller, admitted, startedAt);
    } catch (error) {
      const refusal = this.toRefusal(error);
      const context = new RequestContext(this.options.database, caller);
      const errors = refusal.errors.map((each) => each.toJSON());
      logOperation(this.options.log, context, { type: 'refused', name: null, startedAt, errors });
      return replyRefusal(request, reply, refusal);
    }
  };

  private async run(
    request: FastifyRequest,
    reply: FastifyReply,
    caller: Caller,
    admitted: Admitted,
    startedAt: number,
  ): Promise<FastifyReply> {
    const { prepared } = admitted;
    const deadline = new Deadline(this.options.operationTimeoutMs);
    const onClose = () => reply.raw.writableFinished || deadline.abandon();
    reply.raw.once('close', onClose);
    try {
      if (this.stopped) {
        throw refuseRequest('SERVICE_UNAVAILABLE', 'This process is ending. Try again.', {
          status: 503,
          retryAfterMs: 0,
        });
      }
      const { database } = this.options;
      const context = new HttpContext(admitted, startedAt, database, caller, deadline);
      context.prepared = prepared;
      context.asked = prepared.asked;
      await context.begin(beforehandOf(this.options.schema, prepared));
      const answer = await this.apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: toApolloRequest(request, prepared),
        context: async () => context,
      });
      if (answer.body.kind !== 'complete') throw new Error('incremental delivery is not served');
      if (Buffer.byteLength(answer.body.string) > this.options.responseMaxBytes) {
        const { code, message } = new ResponseTooLarge();
        throw refuseRequest(code, message, { status: 413 });
      }
      for (const [name, value] of answer.headers) void reply.header(name, value);
      void reply.code(answer.status ?? 200);
      return request.method === 'GET'
        ? this.replyCached(request, reply, prepared, answer.body.string)
        : await reply.header('cache-control', 'no-store').send(answer.body.string);
    } finally {
      deadline.clear();
      reply.raw.off('close', onClose);
      // What fails before its cost is measured has used nothing.
      admitted.grant.settle(0);
    }
  }

  /**
   * RFC 9110 §8.8.3 and RFC 9111: an ETag for every good answer to GET; only a stranger's may be kept by others. It is a
   * strong one: how the answer is compressed is added to it where that is decided (§8.8.3.3).
   */
  private replyCached(request: FastifyRequest, reply: FastifyReply, prepared: PreparedOperation, body: string) {
    void reply.header('vary', 'Accept, Accept-Encoding, Authorization, Origin');
    if (reply.statusCode !== 200 || body.startsWith('{"errors"')) {
      return reply.header('cache-control', 'no-store').send(body);
    }
    const maxAge = request.headers.authorization ? 0 : publicMaxAge(this.options.schema, prepared);
    const digest = createHash('sha256').update(body).digest('hex');
    void reply.header('etag', `"${digest}"`);
    void reply.header('cache-control', maxAge > 0 ? `public, max-age=${maxAge}` : 'private, no-cache');
    const known = request.headers['if-none-match']?.split(',').map((each) => each.trim());
    const match = known?.find((each) => each === '*' || contentOfTag(each) === digest);
    if (match === undefined) return reply.send(body);
    if (match !== '*') void reply.header('etag', match.replace(/^W\//, ''));
    return reply.code(304).send();
  }

  private toRefusal(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof Unauthenticated) return refuseUnauthenticated(error);
    const { message, extensions } = presentError(error, this.options.log);
    const code = (extensions?.['code'] ?? 'INTERNAL') as Parameters<typeof refuseRequest>[0];
    return refuseRequest(code, message, { status: code === 'INTERNAL' ? 500 : 503 });
  }
}

/** Subscriptions cannot be answered by one answer. @throws Refusal */
function checkMethod({ operation }: PreparedOperation): void {
  if (operation.operation === 'subscription') {
    throw refuseRequest('BAD_REQUEST', 'Subscribe over WebSocket, or ask for an event stream at /graphql/stream.');
  }
}

/** Each of these makes a browser ask first (CORS preflight), so no foreign page can send it unasked. */
const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name', 'authorization'];
/** Fetch standard, "CORS-safelisted request-header": what a page can send without being asked. */
const SIMPLE_TYPES = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/** Before anything else, so that a foreign page cannot spend the budget of its visitor's address. @throws Refusal */
function checkPreflight({ headers }: FastifyRequest): void {
  const type = headers['content-type'];
  if (type?.includes('/') && !SIMPLE_TYPES.test(type)) return;
  if (PREFLIGHT_HEADERS.some((name) => headers[name])) return;
  const remedy = `Send one of these headers with a GET request: ${PREFLIGHT_HEADERS.join(', ')}.`;
  throw refuseRequest('BAD_REQUEST', `Any page could make a browser send this. ${remedy}`);
}

/** Apollo Server is handed the text that the gate has checked; it finds the parsed document by the text's hash. */
function toApolloRequest(request: FastifyRequest, prepared: PreparedOperation) {
  const headers = new HeaderMap();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  }
  const { text: query, operationName, variables } = prepared;
  if (request.method === 'GET') {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    if (operationName) search.set('operationName', operationName);
    return { method: 'GET', headers, search: `?${search}`, body: undefined };
  }
  return { method: request.method, headers, search: '', body: { query, operationName, variables } };
}

/** What the plugin adds to an answer by POST, and the headers of every answer. */
export function settleCost(context: HttpContext, data: unknown) {
  const { prepared, grant } = context.admitted;
  const report = grant.settle(measureCost(prepared.operation, data, prepared.document));
  return { report, headers: grant.headers(report) };
}
