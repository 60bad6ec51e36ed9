import type { IncomingHttpHeaders } from 'node:http';

/** Each of these makes a browser ask first (CORS preflight), so no foreign page can send it unasked. */
export const PREFLIGHT_HEADERS = ['apollo-require-preflight', 'x-apollo-operation-name', 'authorization'];
/** Fetch standard, "CORS-safelisted request-header": what a page can send without being asked. */
const SIMPLE_TYPES = /^\s*(application\/x-www-form-urlencoded|multipart\/form-data|text\/plain)\s*(;|$)/i;

/** Whether a browser must have asked before it sent this for a page of another origin. */
export function isPreflighted(headers: IncomingHttpHeaders): boolean {
  const type = headers['content-type'];
  if (type?.includes('/') && !SIMPLE_TYPES.test(type)) return true;
  return PREFLIGHT_HEADERS.some((name) => headers[name]);
}
