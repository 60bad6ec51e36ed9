export interface RetryOptions {
  /** The first wait is random up to this, each further one up to twice as much. 1000 when left out. */
  readonly firstWaitMs?: number;
  /** No wait is longer, unless the service asks for it. 30000 when left out. */
  readonly longestWaitMs?: number;
  /** Failures in a row after which the subscription ends with the last one. Without end when left out. */
  readonly attemptsMax?: number;
  /** Whether a failure ends the subscription, besides those that always do: such as that nobody is signed in any more. */
  readonly isFinal?: (failure: unknown) => boolean;
  /** Awaited before each further attempt, such as until the device is online and the app in front. */
  readonly ready?: () => Promise<unknown>;
  /** Told of each loss: what happened, and how long the wait is. */
  readonly onLost?: (failure: unknown, waitMs: number) => void;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
const DOUBLINGS_MAX = 20;

/** Close codes after which trying again would change nothing: the client or its request is at fault, or one too many. */
const FINAL_CLOSES = new Set([4004, 4005, 4400, 4401, 4406, 4409, 4429, 4500]);
/** Of the codes of RFC 6455, those that pass: going away, lost, restart (1012), try again later (1013), bad gateway. */
const PASSING_CLOSES = new Set([1000, 1001, 1005, 1006, 1012, 1013, 1014]);
const RFC_CLOSES_END = 1999;
/** Error codes of Portico that mean "later"; it limits how fast subscriptions are begun, and sheds new ones first. */
const PASSING_ERRORS = new Set(['RATE_LIMITED', 'SERVICE_UNAVAILABLE', 'DEADLINE_EXCEEDED']);

interface ErrorLike {
  readonly extensions?: { readonly code?: unknown; readonly retryAfterMs?: unknown };
}

/** Whether a failure stays one however often it is tried: a fatal close, or GraphQL errors that do not pass. */
export function isFinal(failure: unknown, options: RetryOptions): boolean {
  if (options.isFinal?.(failure)) return true;
  if (Array.isArray(failure)) return !failure.every(passes);
  const code = closeCodeOf(failure);
  // No close and no answer: the network, or a token that could not be fetched.
  if (code === null) return false;
  return FINAL_CLOSES.has(code) || (code <= RFC_CLOSES_END && !PASSING_CLOSES.has(code));
}

/** Errors of a refusal that passes; a result with data is no refusal. */
export function isPassingRefusal({ data, errors }: { data?: unknown; errors?: readonly unknown[] }): boolean {
  return !data && errors !== undefined && errors.length > 0 && errors.every(passes);
}

/** How long failures in a row are answered by waiting. */
export class Backoff {
  private failures = 0;
  private begun = 0;

  constructor(private readonly options: RetryOptions) {}

  attemptBegins(): void {
    this.begun = Date.now();
  }

  /** Something came: the next failure is the first again. */
  succeeded(): void {
    this.failures = 0;
  }

  /** How long to wait after this failure; null when it was one too many. */
  next(failure: unknown): number | null {
    const longest = this.options.longestWaitMs ?? LONGEST_WAIT_MS;
    // A quiet subscription brings nothing for hours: what stood longer than the longest wait was no failed attempt.
    if (Date.now() - this.begun > longest) this.failures = 0;
    this.failures += 1;
    if (this.failures > (this.options.attemptsMax ?? Number.POSITIVE_INFINITY)) return null;
    const first = this.options.firstWaitMs ?? FIRST_WAIT_MS;
    const bound = Math.min(longest, first * 2 ** Math.min(this.failures - 1, DOUBLINGS_MAX));
    // Anywhere up to the bound: a process that restarts has cut thousands at the same moment.
    return Math.max(Math.random() * bound, askedWaitOf(failure));
  }
}

function passes(error: unknown): boolean {
  return PASSING_ERRORS.has(String((error as ErrorLike).extensions?.code));
}

function askedWaitOf(failure: unknown): number {
  const waits = Array.isArray(failure) ? failure.map((error: ErrorLike) => Number(error.extensions?.retryAfterMs)) : [];
  return Math.max(0, ...waits.filter(Number.isFinite));
}

function closeCodeOf(failure: unknown): number | null {
  const code =
    typeof failure === 'object' && failure !== null && 'reason' in failure && 'code' in failure && failure.code;
  return typeof code === 'number' ? code : null;
}
