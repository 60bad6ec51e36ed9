import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Refusal } from './pipeline/refusal';

const GRAPHQL_RESPONSE = 'application/graphql-response+json';
/** GraphQL over HTTP §6.4.1: to clients of the older media type, a well-formed request is answered with 200. */
const ANSWERED_WITH_200 = new Set([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
  'DOCUMENT_TOO_COMPLEX',
  'DOCUMENT_NOT_REGISTERED',
]);

/** Answers a refused HTTP request in the media type that the client accepts (GraphQL over HTTP). */
export function replyRefusal(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  const modern = acceptsGraphqlResponse(request);
  const code = String(refusal.errors[0]?.extensions['code']);
  const status = !modern && ANSWERED_WITH_200.has(code) ? 200 : refusal.status;
  if (refusal.retryAfterMs !== null) void reply.header('retry-after', Math.ceil(refusal.retryAfterMs / 1_000));
  if (refusal.challenge !== null) void reply.header('www-authenticate', refusal.challenge);
  if (status === 405) void reply.header('allow', 'POST');
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type(`${modern ? GRAPHQL_RESPONSE : 'application/json'}; charset=utf-8`)
    .send(JSON.stringify({ errors: refusal.errors.map((error) => error.toJSON()) }));
}

export function acceptsGraphqlResponse({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes(GRAPHQL_RESPONSE) ?? false;
}
