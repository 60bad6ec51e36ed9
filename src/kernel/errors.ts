import type { RequestCode } from './error-codes';

/** Codes of expected failures; they stand in `userErrors` of a payload. */
export type UserErrorCode =
  | 'INVALID'
  | 'NOT_FOUND'
  | 'FORBIDDEN'
  | 'CONFLICT'
  | 'BLOCKED'
  | 'RATE_LIMITED'
  | 'DUPLICATE_KEY_MISMATCH'
  | 'SIGNATURE_REQUIRED'
  | 'STEP_UP_REQUIRED'
  | 'INVALID_CREDENTIALS';

/** A failure whose message is written for the caller and may leave the process. */
export class Fault extends Error {
  constructor(
    readonly code: RequestCode,
    message: string,
  ) {
    super(message);
    this.name = 'Fault';
  }
}

/** By which scheme a request said who it is, and what was wrong with that (RFC 6750 §3.1, RFC 9449 §7.1). */
export interface Challenge {
  readonly scheme: 'Bearer' | 'DPoP';
  readonly error: 'invalid_token' | 'invalid_dpop_proof';
}

export class Unauthenticated extends Fault {
  constructor(
    message = 'Sign in first: send the header "Authorization: Bearer <access token>".',
    /** Null for a request that did not try. */
    readonly challenge: Challenge | null = null,
  ) {
    super('UNAUTHENTICATED', message);
  }
}

/** The request itself is wrong: sending it again unchanged cannot succeed. */
export class BadInput extends Fault {
  constructor(message: string) {
    super('BAD_USER_INPUT', message);
  }
}

/** One expected failure of a command, told to the app as data. */
export interface UserError {
  readonly code: UserErrorCode;
  readonly message: string;
  /** Where in the arguments the failure lies, e.g. `['input', 'text']`. */
  readonly path?: readonly string[];
}

/** Somebody changed the node since the version that the app sent as `ifVersion`. */
export interface ConflictError extends UserError {
  readonly code: 'CONFLICT';
  readonly currentVersion: number;
  readonly currentId: { readonly prefix: string; readonly uuid: string };
}

/** The failure of an edit whose `ifVersion` is not the version that the node has now. */
export function conflict(
  what: string,
  prefix: string,
  node: { readonly id: string; readonly version: number },
): UserErrors {
  const error: ConflictError = {
    code: 'CONFLICT',
    message: `The ${what} is at version ${node.version} now. Read it again and decide what to keep.`,
    path: ['input', 'ifVersion'],
    currentVersion: node.version,
    currentId: { prefix, uuid: node.id },
  };
  return new UserErrors([error]);
}

export interface HandleTakenError extends UserError {
  readonly suggestions: readonly string[];
}

/** Too often; the same thing may be tried again later. */
export interface RateLimitedError extends UserError {
  readonly code: 'RATE_LIMITED';
  /** Milliseconds. */
  readonly retryAfterMs: number;
}

/** Thrown inside a command to end it with expected failures; the transaction around it rolls back. */
export class UserErrors extends Error {
  constructor(readonly errors: readonly UserError[]) {
    super(errors.map((error) => error.code).join(', '));
    this.name = 'UserErrors';
  }
}

/** Ends a command with one expected failure. */
export function refuse(code: UserErrorCode, message: string, path?: readonly string[]): never {
  throw new UserErrors([{ code, message, ...(path && { path }) }]);
}

/** Ends a command since it was tried too often. `retryAfterMs`: when it may be tried again. */
export function refuseForNow(what: string, retryAfterMs: number, path?: readonly string[]): never {
  const minutes = Math.ceil(retryAfterMs / 60_000);
  const message = `${what} Try again in ${minutes} min.`;
  const error: RateLimitedError = { code: 'RATE_LIMITED', message, retryAfterMs, ...(path && { path }) };
  throw new UserErrors([error]);
}
