import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ExecutionResult, GraphQLError } from 'graphql';
import type { OperationResult } from 'graphql-sse';
import { createHandler } from 'graphql-sse/lib/use/fastify';
import { Fault } from '../kernel/errors';
import type { HttpServer } from '../platform/http/server';
import type { Log } from '../platform/telemetry/log';
import type { Authenticate, Authentication } from './authentication';
import type { Caller } from './caller';
import type { EventStream } from './live';
import { type OperationOptions, Operations } from './operations';
import { Refusal, refuseRequest } from './pipeline/refusal';
import { readOperationParameters, readOperationRequest } from './pipeline/request';
import { replyRefusal } from './refusal-reply';

export const EVENT_STREAM_PATH = '/graphql/stream';

export interface EventStreamOptions extends OperationOptions {
  readonly authenticate: Authenticate;
  /** Whether pages of this origin may ask for a stream. */
  readonly allowsOrigin: (origin: string, host: string | undefined) => boolean;
}

const UNAUTHORIZED = {
  status: 401,
  statusText: 'Unauthorized',
  headers: { 'content-type': 'application/json; charset=utf-8' },
};
const NOT_SERVED = { status: 405, statusText: 'Method Not Allowed' };

/**
 * Serves subscriptions (and queries) as Server-Sent Events, one operation a connection: the "distinct connections"
 * mode of the GraphQL over SSE protocol. A stream ends when its access token does.
 */
export function registerEventStream(http: HttpServer, options: EventStreamOptions): void {
  const operations = new Operations(options);
  const open = new Set<FastifyReply>();
  const authentications = new WeakMap<object, Authentication | null>();
  http.onClose(() => {
    for (const reply of open) endStream(reply);
  });

  const handler = createHandler({
    // Called for the single-connection mode too, which would keep client state in this process.
    async authenticate({ raw, context: { reply } }) {
      if (raw.headers['x-graphql-event-stream-token']) return [null, NOT_SERVED];
      try {
        const authentication = await options.authenticate(raw.headers.authorization);
        authentications.set(raw, authentication);
        if (authentication) endAtExpiry(reply, authentication.expiresAt);
        return '';
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return [
          JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code } }] }),
          UNAUTHORIZED,
        ];
      }
    },
    async onSubscribe({ raw, context: { reply } }, params) {
      const viewer = authentications.get(raw)?.viewer ?? null;
      const gone = goneSignal(reply);
      const caller: Caller = { viewer, requestId: raw.id, transport: 'sse', address: raw.ip, gone };
      try {
        const admitted = await operations.admit(raw.method === 'GET' ? params : raw.body, caller);
        if (raw.method === 'GET' && admitted.prepared.operation.operation === 'mutation') return [null, NOT_SERVED];
        return deliverable(await operations.run(admitted, caller));
      } catch (refusal) {
        if (Array.isArray(refusal) && refusal[0] instanceof GraphQLError) return deliverable({ errors: refusal });
        throw refusal;
      }
    },
  });

  http.app.route({
    method: ['GET', 'POST'],
    url: EVENT_STREAM_PATH,
    async handler(request, reply) {
      try {
        checkOrigin(request, options);
        checkForm(request);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return replyRefusal(request, reply, error);
      }
      // graphql-sse writes past Fastify, which would answer again, and end the process, when a client goes meanwhile.
      reply.hijack();
      if (reply.raw.destroyed) return;
      open.add(reply);
      reply.raw.once('close', () => open.delete(reply));
      try {
        await handler(request, reply);
      } catch (err) {
        breakOff(reply, err, options.log);
      }
    },
  });
}

/**
 * An EventSource can send no header of its own, so a preflight cannot be asked for as it is for GET elsewhere; browsers
 * say where a page comes from instead (Origin, or Sec-Fetch-Site of requests without CORS).
 */
function checkOrigin({ headers }: FastifyRequest, { allowsOrigin }: EventStreamOptions): void {
  const site = headers['sec-fetch-site'];
  const foreign = headers.origin ? !allowsOrigin(headers.origin, headers.host) : site?.toString().endsWith('-site');
  if (foreign) throw refuseRequest('BAD_REQUEST', 'Pages of this origin may not call this service.', { status: 403 });
}

/** graphql-sse refuses what is no operation without a code, and knows documents by their text only. @throws Refusal */
function checkForm(request: FastifyRequest): void {
  if (request.headers.accept !== 'text/event-stream') {
    throw refuseRequest('BAD_REQUEST', 'Ask for an event stream by "accept: text/event-stream".', { status: 406 });
  }
  if (request.method === 'GET') return void readOperationParameters(request.query as Record<string, unknown>);
  readOperationRequest(request.body);
  const body = request.body as Record<string, unknown>;
  body['query'] ??= '';
}

/** Ends a stream in order; before its first byte there is nothing to end but the connection. */
function endStream({ raw }: FastifyReply): void {
  if (raw.headersSent) raw.end();
  else raw.destroy();
}

/** A write to a client that has gone fails, and is no fault; any other failure is answered if it still can be. */
function breakOff({ raw, request }: FastifyReply, err: unknown, log: Log): void {
  if (raw.destroyed) return;
  log.error({ requestId: request.id, err }, 'event stream fault');
  if (raw.headersSent) return void raw.destroy();
  const message = `Something went wrong here. Report id: ${request.id}.`;
  raw.writeHead(500, { 'content-type': 'application/json; charset=utf-8' });
  raw.end(JSON.stringify({ errors: [{ message, extensions: { code: 'INTERNAL' } }] }));
}

/** graphql-sse takes a result without `data` for something to execute; as a stream of one it is delivered as it is. */
function deliverable(result: EventStream | ExecutionResult): OperationResult {
  return (Symbol.asyncIterator in result || 'data' in result ? result : once(result)) as OperationResult;
}

async function* once<Item>(item: Item): AsyncGenerator<Item> {
  yield item;
}

function endAtExpiry(reply: FastifyReply, expiresAt: number): void {
  const timer = setTimeout(() => endStream(reply), Math.max(expiresAt - Date.now(), 0));
  reply.raw.once('close', () => clearTimeout(timer));
}

/** The response closes when it is finished as well; then nothing is left to abandon. */
function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  raw.once('close', () => gone.abort());
  return gone.signal;
}
