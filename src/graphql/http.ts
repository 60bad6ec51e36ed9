import { type ApolloServer, HeaderMap } from '@apollo/server';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ExecutionResult, GraphQLSchema } from 'graphql';
import { Unauthenticated } from '../kernel/errors';
import type { Database } from '../platform/postgres/database';
import type { Log } from '../platform/telemetry/log';
import type { AnswerTags } from './answer-tags';
import type { Authenticate, Authentication, SentCredentials } from './authentication';
import { beforehandOf } from './beforehand';
import type { CostReport } from './budget';
import { publicMaxAge } from './cache-hints';
import { type Caller, credentialsOf } from './caller';
import { refuseUnauthenticated } from './challenge';
import type { Executor } from './compiled/executor';
import { RequestContext } from './context';
import { Deadline } from './deadline';
import { presentError, ResponseTooLarge } from './errors';
import type { Admitted, Gate } from './gate';
import { logOperation } from './operation-log';
import { measureCost } from './pipeline/cost';
import type { PreparedOperation } from './pipeline/pipeline';
import { Refusal, refuseRequest } from './pipeline/refusal';
import { readOperationParameters, readOperationRequest } from './pipeline/request';
import { isPreflighted, PREFLIGHT_HEADERS } from './preflight';
import { digestOf, isFailure, knownTag, PublicAnswer } from './public-answer';
import { isReading, type Made, type Place, type PublicAnswers } from './public-answers';
import { replyRefusal } from './refusal-reply';

export interface HttpOperationsOptions {
  readonly schema: GraphQLSchema;
  readonly executor: Executor;
  readonly database: Database;
  readonly authenticate: Authenticate;
  readonly gate: Gate;
  readonly answers: PublicAnswers;
  readonly operationTimeoutMs: number;
  readonly responseMaxBytes: number;
  readonly log: Log;
}

const VARY = 'Accept, Accept-Encoding, Authorization, Origin';

interface AnswerNotes {
  /** It would be, and was not finished. */
  tooLarge: boolean;
  /** What it has cost, once that is known. */
  cost: CostReport | null;
}

/** What Apollo Server's plugin needs of the request around it. */
export class HttpContext extends RequestContext {
  /** Apollo Server copies the context; the copies share this. */
  readonly answer: AnswerNotes = { tooLarge: false, cost: null };
  /** What has been made already, where Apollo Server is to go on with it. */
  made: ExecutionResult | null = null;

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
    const credentials = credentialsOf(request, address);
    let caller = callerOf(null, requestId, address, credentials);
    try {
      const reading = isReading(request.method);
      if (reading) checkPreflight(request);
      const sent = reading
        ? readOperationParameters(request.query as Record<string, unknown>)
        : readOperationRequest(request.body);
      const authentication = await this.options.authenticate(credentials);
      if (authentication) caller = callerOf(authentication, requestId, address, credentials);
      const { gate, answers } = this.options;
      const prepared = await gate.prepare(sent);
      checkMethod(prepared);
      const place = answers.placeOf(request, sent, prepared);
      // A text that is to be kept has to be paid for, also where its answer is there.
      const kept = place && prepared.fee === 0 && answers.find(place.key);
      if (kept) {
        gate.keep(prepared);
        answers.count(kept);
        answers.watch(place, kept, request, reply);
        return this.replyTagged(request, reply.type(kept.contentType), kept);
      }
      const admitted = await gate.pass(prepared, caller);
      if (!place) return this.reply(request, reply, prepared, await this.execute(request, reply, admitted, startedAt));
      return await this.replyShared(request, reply, admitted, startedAt, place);
    } catch (error) {
      const refusal = this.toRefusal(error);
      const context = new RequestContext(this.options.database, caller);
      const errors = refusal.errors.map((each) => each.toJSON());
      logOperation(this.options.log, context, { type: 'refused', name: null, startedAt, errors });
      return replyRefusal(request, reply, refusal);
    }
  };

  /** As `execute`, unless the same is being answered to somebody else at this moment. */
  private async replyShared(
    request: FastifyRequest,
    reply: FastifyReply,
    admitted: Admitted,
    startedAt: number,
    place: Place,
  ): Promise<FastifyReply> {
    const { answers, database, log } = this.options;
    const answer = await answers.share(place, (tags) => this.execute(request, reply, admitted, startedAt, tags));
    if (!(answer instanceof PublicAnswer)) return this.reply(request, reply, admitted.prepared, answer);
    const report = admitted.grant.settle(0);
    const { operationName: name } = place;
    logOperation(log, new RequestContext(database, admitted.caller), {
      type: 'query',
      name,
      startedAt,
      units: report.actual,
    });
    void reply.headers(admitted.grant.headers(report)).type(answer.contentType);
    return this.replyTagged(request, reply, answer);
  }

  private async execute(
    request: FastifyRequest,
    reply: FastifyReply,
    admitted: Admitted,
    startedAt: number,
    tags: AnswerTags | null = null,
  ): Promise<Made> {
    const { prepared, caller } = admitted;
    const deadline = new Deadline(this.options.operationTimeoutMs);
    const onClose = () => reply.raw.writableFinished || deadline.abandon();
    reply.raw.once('close', onClose);
    try {
      const { database } = this.options;
      const context = new HttpContext(admitted, startedAt, database, caller, deadline);
      context.prepared = prepared;
      context.asked = prepared.asked;
      context.loaders.tags = tags;
      await context.begin(beforehandOf(this.options.schema, prepared));
      if (this.stopped) {
        throw refuseRequest('SERVICE_UNAVAILABLE', 'This process is ending. Try again.', {
          status: 503,
          retryAfterMs: 0,
        });
      }
      const answer = await this.apollo.executeHTTPGraphQLRequest({
        httpGraphQLRequest: toApolloRequest(request, prepared),
        context: async () => context,
      });
      if (answer.body.kind !== 'complete') throw new Error('incremental delivery is not served');
      // Encoded once: what measures, compresses or hashes it, and the socket, take it as it is.
      const body = Buffer.from(answer.body.string);
      if (context.answer.tooLarge || body.length > this.options.responseMaxBytes) {
        const { code, message } = new ResponseTooLarge();
        throw refuseRequest(code, message, { status: 413 });
      }
      const { cost } = context.answer;
      if (cost) void reply.headers(admitted.grant.headers(cost));
      return { status: answer.status ?? 200, headers: answer.headers, body };
    } finally {
      deadline.clear();
      reply.raw.off('close', onClose);
      // What fails before its cost is measured has used nothing.
      admitted.grant.release();
    }
  }

  private reply(
    request: FastifyRequest,
    reply: FastifyReply,
    prepared: PreparedOperation,
    { status, headers, body }: Made,
  ): FastifyReply {
    for (const [name, value] of headers) void reply.header(name, value);
    void reply.code(status);
    if (!isReading(request.method)) return reply.header('cache-control', 'no-store').send(body);
    if (status !== 200 || isFailure(body)) {
      return reply.header('vary', VARY).header('cache-control', 'no-store').send(body);
    }
    const maxAge = request.headers.authorization ? 0 : publicMaxAge(this.options.schema, prepared);
    return this.replyTagged(request, reply, { body, digest: digestOf(body), maxAge });
  }

  /**
   * RFC 9110 §8.8.3 and RFC 9111: an ETag for every good answer to GET; only a stranger's may be kept by others. It is a
   * strong one: how the answer is compressed is added to it where that is decided (§8.8.3.3).
   */
  private replyTagged(
    request: FastifyRequest,
    reply: FastifyReply,
    { body, digest, maxAge }: Pick<PublicAnswer, 'body' | 'digest' | 'maxAge'>,
  ): FastifyReply {
    void reply.header('vary', VARY);
    void reply.header('etag', `"${digest}"`);
    void reply.header('cache-control', maxAge > 0 ? `public, max-age=${maxAge}` : 'private, no-cache');
    const match = knownTag(request.headers['if-none-match'], digest);
    if (match === undefined) return reply.send(body);
    if (match !== '*') void reply.header('etag', match);
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

/** All of one shape, which every operation reads properties of. */
function callerOf(
  authentication: Authentication | null,
  requestId: string,
  address: string,
  credentials: SentCredentials,
): Caller {
  const { viewer = null, deviceId = null, pending = null } = authentication ?? {};
  return { viewer, deviceId, requestId, transport: 'http', address, credentials, pending };
}

/** Subscriptions cannot be answered by one answer. @throws Refusal */
function checkMethod({ operation }: PreparedOperation): void {
  if (operation.operation === 'subscription') {
    throw refuseRequest('BAD_REQUEST', 'Subscribe over WebSocket, or ask for an event stream at /graphql/stream.');
  }
}

/** Before anything else, so that a foreign page cannot spend the budget of its visitor's address. @throws Refusal */
function checkPreflight({ headers }: FastifyRequest): void {
  if (isPreflighted(headers)) return;
  const remedy = `Send one of these headers with a GET request: ${PREFLIGHT_HEADERS.join(', ')}.`;
  throw refuseRequest('BAD_REQUEST', `Any page could make a browser send this. ${remedy}`);
}

/** What Apollo Server reads: in which form it answers, and what a GET request may not have. */
const APOLLO_HEADERS = ['accept', 'content-type'] as const;

/** Apollo Server is handed the text that the gate has checked; it finds the parsed document by the text's hash. */
function toApolloRequest(request: FastifyRequest, prepared: PreparedOperation) {
  const headers = new HeaderMap();
  for (const name of APOLLO_HEADERS) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  const { text: query, operationName, variables } = prepared;
  if (isReading(request.method)) {
    const search = new URLSearchParams({ query, variables: JSON.stringify(variables) });
    if (operationName) search.set('operationName', operationName);
    return { method: 'GET', headers, search: `?${search}`, body: undefined };
  }
  return { method: request.method, headers, search: '', body: { query, operationName, variables } };
}

/** What the plugin adds to an answer by POST. */
export function settleCost(context: HttpContext, data: unknown): CostReport {
  const { prepared, grant } = context.admitted;
  // Who has made the service work for nothing gets nothing back.
  const used = context.answer.tooLarge ? prepared.price : measureCost(prepared.operation, data, prepared.document);
  const report = grant.settle(used);
  context.answer.cost = report;
  return report;
}
