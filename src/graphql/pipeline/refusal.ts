import { GraphQLError } from 'graphql';
import type { RequestCode } from '../../kernel/error-codes';

export interface RefusalOptions {
  /** HTTP status; 400 when left out. */
  readonly status?: number;
  /** After how many milliseconds the same request may pass. */
  readonly retryAfterMs?: number;
  /** The WWW-Authenticate header of a 401 (RFC 9110 §11.6.1). */
  readonly challenge?: string;
}

/** A request that is refused before anything of it runs. Its messages are written for the client. */
export class Refusal extends Error {
  readonly status: number;
  readonly retryAfterMs: number | null;
  readonly challenge: string | null;

  constructor(
    readonly errors: readonly GraphQLError[],
    { status = 400, retryAfterMs, challenge }: RefusalOptions = {},
  ) {
    super(errors.map((error) => error.message).join(' '));
    this.name = 'Refusal';
    this.status = status;
    this.retryAfterMs = retryAfterMs ?? null;
    this.challenge = challenge ?? null;
  }
}

/** A client can make a name or a value as long as its request, and graphql-js repeats it. Five of these fit into 4 KiB. */
const MESSAGE_MAX = 220;

export function shorten(message: string): string {
  return message.length > MESSAGE_MAX ? `${message.slice(0, MESSAGE_MAX)}…` : message;
}

export function refuseRequest(code: RequestCode, message: string, options: RefusalOptions = {}): Refusal {
  const { retryAfterMs } = options;
  const extensions = { code, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  return new Refusal([new GraphQLError(shorten(message), { extensions })], options);
}
