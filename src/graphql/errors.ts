import { randomUUID } from 'node:crypto';
import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import { Fault } from '../kernel/errors';
import { isUnavailable } from '../platform/postgres/failures';
import type { Log } from '../platform/telemetry/log';

export const UNAVAILABLE_MESSAGE = 'The service cannot answer right now. Try again in a few seconds.';
/** More than a service sends and a phone should have to read. */
export class ResponseTooLarge extends Fault {
  constructor() {
    super(
      'RESPONSE_TOO_LARGE',
      'The answer would be larger than this service sends. Ask for shorter pages or fewer fields.',
    );
  }
}

/** Codes that Apollo Server gives to requests it refuses itself; their messages are written for clients. */
const CLIENT_CODES = new Set(['GRAPHQL_PARSE_FAILED', 'BAD_USER_INPUT', 'OPERATION_RESOLUTION_FAILURE', 'BAD_REQUEST']);
// graphql-js refuses variables before anything runs, and an argument when its variable turns out null or missing.
const ARGUMENT_FAULT = /^(Argument|Variable) "/;

/**
 * Makes what a client may see of an error: its code and a message written for it. Everything unknown is masked by an
 * id under which the log holds the error itself. `givenCode` is what Apollo Server calls it, on its own copy only.
 */
export function presentError(error: unknown, log: Log, givenCode?: unknown): GraphQLFormattedError {
  const shown = error instanceof GraphQLError ? error.toJSON() : { message: '' };
  const place = { ...(shown.locations && { locations: shown.locations }), ...(shown.path && { path: shown.path }) };
  const cause = rootCause(error);
  if (cause instanceof Fault) return { message: cause.message, ...place, extensions: { code: cause.code } };
  const code = givenCode ?? (error instanceof GraphQLError ? error.extensions?.['code'] : undefined);
  if (typeof code === 'string' && CLIENT_CODES.has(code)) {
    return { message: shown.message, ...place, extensions: { code } };
  }
  // Without a path no resolver has run, so the message is graphql-js's own whatever its cause was.
  const refusal = error instanceof GraphQLError && !error.path ? error : cause;
  if (refusal instanceof GraphQLError && ARGUMENT_FAULT.test(refusal.message)) {
    return { message: refusal.message, ...place, extensions: { code: 'BAD_USER_INPUT' } };
  }
  if (isUnavailable(cause)) {
    log.warn({ err: cause, path: shown.path }, 'a store did not answer');
    return { message: UNAVAILABLE_MESSAGE, ...place, extensions: { code: 'SERVICE_UNAVAILABLE' } };
  }
  const errorId = randomUUID();
  log.error({ err: cause, errorId, path: shown.path }, 'operation failed');
  return {
    message: `Something went wrong here. Report id: ${errorId}.`,
    ...place,
    extensions: { code: 'INTERNAL', errorId },
  };
}

/** The error that a resolver threw, below the wrappers of graphql-js and Apollo Server. */
export function rootCause(error: unknown): unknown {
  let cause = error;
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError;
  return cause;
}
