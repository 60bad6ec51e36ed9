/** SQLSTATE classes and socket codes that mean "the database cannot answer now": the same request may succeed later. */
const UNAVAILABLE_SQLSTATE = /^(08|53|57P|58|55P03|57014)/;
const UNAVAILABLE_SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'ETIMEDOUT', 'EPIPE', 'EHOSTUNREACH']);
const TRANSIENT_SQLSTATE = new Set(['40001', '40P01']);
const STALE_PLAN_SQLSTATE = '0A000';
// node-postgres reports these without a code.
const UNAVAILABLE_MESSAGE =
  /timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection error|Client was closed|Cannot use a pool after calling end/;

/** True for deadlocks and serialization failures: nothing happened, and a second try may pass. */
export function isTransient(error: unknown): boolean {
  return TRANSIENT_SQLSTATE.has(codeOf(error));
}

/** True when a prepared statement answers otherwise than when it was prepared: nothing happened, and prepared anew it runs. */
export function isStalePlan(error: unknown): boolean {
  return codeOf(error) === STALE_PLAN_SQLSTATE && textOf(error, 'routine') === 'RevalidateCachedQuery';
}

/** True when PostgreSQL is away, overloaded, shutting down, or took longer than its limits allow. */
export function isUnavailable(error: unknown): boolean {
  const code = codeOf(error);
  return (
    UNAVAILABLE_SQLSTATE.test(code) ||
    UNAVAILABLE_SOCKET.has(code) ||
    isTransient(error) ||
    UNAVAILABLE_MESSAGE.test(textOf(error, 'message'))
  );
}

function codeOf(error: unknown): string {
  return textOf(error, 'code');
}

function textOf(error: unknown, field: string): string {
  const value = typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[field] : undefined;
  return typeof value === 'string' ? value : '';
}
