import type { Mode, Place } from './bad-input';
import type { BadValue } from './bad-values';
import type { Caller } from './bad-world';
import type { LiveAnswer, RawAnswer } from './raw-client';

/** One bad value on its way. */
export interface BadCase extends BadValue {
  readonly place: Place;
  readonly mode: Mode;
  readonly pick: number;
  readonly caller: Caller;
}

/** What the API may say at the top level; INTERNAL and SERVICE_UNAVAILABLE are not among it. */
const CODES = new Set([
  ...['UNAUTHENTICATED', 'NOT_FOUND', 'BAD_USER_INPUT', 'GRAPHQL_PARSE_FAILED', 'GRAPHQL_VALIDATION_FAILED'],
  'DOCUMENT_TOO_COMPLEX',
  ...['BAD_REQUEST', 'OPERATION_RESOLUTION_FAILURE', 'PERSISTED_QUERY_NOT_SUPPORTED'],
  ...['PAYLOAD_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE', 'REQUEST_TIMEOUT'],
]);
const STATUS = new Set([200, 400, 401, 404, 405, 413, 415]);
/** RFC 6749 §5.2. */
const TOKEN_ERRORS = new Set(['invalid_request', 'invalid_client', 'invalid_grant', 'unsupported_grant_type']);
/** Of RFC 6455 and graphql-ws, those that say the client is at fault; 1005 stands for the protocol's "complete". */
const CLOSE_CODES = new Set([1002, 1003, 1007, 1009, 4400, 4401, 4403, 4409, 4429]);
/** SQL, stack traces, paths, and the names of what is below. */
const LEAK = new RegExp(
  [
    /\bselect\b.*\bfrom\b|\b(insert into|update \w+ set|delete from)\b|syntax error at|violates|relation "/,
    /invalid byte|invalid input syntax|typeorm|postgres|apollo-server/,
    /\n\s+at |[\w/]+\.[jt]s:\d|node_modules|\/(work|home|usr|root|tmp)\//,
    /Cannot (read|set) prop|is not a function|Maximum call stack|out of memory/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'i',
);
const SHOWN = 500;

interface Body {
  readonly errors?: unknown;
  readonly data?: unknown;
}

/** What is wrong with the answer to one bad value; nothing when it is as it should be. */
export function faultsOfCase(each: BadCase, answer: RawAnswer): string[] {
  const faults = faultsOf(answer);
  if (mustBeRefused(each) && !isRefused(answer.text)) faults.push(`accepted what is ${each.verdict}`);
  return faults.map((fault) => `${fault}: ${describeCase(each)} -> ${answer.status} ${answer.text.slice(0, SHOWN)}`);
}

/** What is wrong with an answer whatever the request was. */
export function faultsOf({ status, contentType, text }: RawAnswer): string[] {
  const faults: string[] = [];
  if (!STATUS.has(status)) faults.push(`status ${status}`);
  if (!/^application\/(graphql-response\+)?json/.test(contentType)) faults.push(`content type ${contentType}`);
  try {
    return [...faults, ...bodyFaults(JSON.parse(text))];
  } catch {
    return [...faults, 'a body that is not JSON'];
  }
}

/** What is wrong with an answer of the token endpoint to a bad request. */
export function tokenFaults(answer: RawAnswer): string[] {
  const { status, text } = answer;
  if (!text.startsWith('{')) return [`no JSON but ${text}`];
  const { error, error_description: description } = JSON.parse(text);
  // 415 and 413 stay what they are in HTTP; 401 is for services that show no secret.
  if (![400, 401, 413, 415].includes(status) || !TOKEN_ERRORS.has(error)) return [`status ${status}, error ${error}`];
  return LEAK.test(description) ? ['a message not written for clients'] : [];
}

/** What is wrong with an answer over a socket or an event stream. */
export function liveFaults(answer: LiveAnswer, refusalExpected: boolean): string[] {
  if (answer.kind === 'open') return refusalExpected ? ['no refusal'] : [];
  if (answer.kind === 'result') {
    const accepted = refusalExpected && !isRefused(JSON.stringify(answer.result)) ? ['accepted'] : [];
    return [...bodyFaults(answer.result), ...accepted];
  }
  if (LEAK.test(answer.reason)) return ['a reason not written for clients'];
  if (answer.reason === 'complete') return refusalExpected ? ['ended as if all was well'] : [];
  return CLOSE_CODES.has(answer.code) || STATUS.has(answer.code) ? [] : [`closed with ${answer.code}`];
}

/** Whether the answer says that something was wrong, at the top level or as data. */
export function isRefused(text: string): boolean {
  if (!text.startsWith('{')) return false;
  const { errors, data } = JSON.parse(text) as { errors?: unknown; data?: Record<string, unknown> | null };
  const payloads = Object.values(data ?? {}) as ({ userErrors?: unknown[] } | null)[];
  return Array.isArray(errors) || payloads.some((payload) => (payload?.userErrors?.length ?? 0) > 0);
}

/** Mutations for people who have not signed in. */
const PUBLIC = /^(sign(In|Up)|(begin|finish)PasskeySign|requestPasswordReset|resetPassword|verifyEmail)/;

/** Whether nothing but a refusal is right. */
export function mustBeRefused({ verdict, place, caller }: BadCase): boolean {
  if (verdict === 'untyped') return true;
  const anonymous = caller.authorization === null;
  if (place.operation === 'mutation' && anonymous && !PUBLIC.test(place.rootField)) return true;
  // Without a viewer the field is not reached.
  return verdict === 'unruly' && !(anonymous && place.rootField === 'viewer');
}

export function describeCase({ place, value, mode, pick, caller }: BadCase): string {
  const { query, variables } = place.fill(value, mode, pick);
  return `${place.coordinate} as ${caller.name}, ${query.slice(0, SHOWN)} with ${variables.slice(0, SHOWN)}`;
}

function bodyFaults({ errors, data }: Body): string[] {
  if (errors === undefined) return data === undefined ? ['neither data nor errors'] : [];
  if (!Array.isArray(errors) || errors.length === 0) return ['errors that are no list'];
  return errors.flatMap((error) => {
    const { message, extensions, locations: _, path: __, ...rest } = error;
    const { code, ...more } = extensions ?? {};
    const faults: string[] = [];
    if (!CODES.has(code)) faults.push(`the code ${code}`);
    if (typeof message !== 'string' || message === '') faults.push('no message');
    if (LEAK.test(message)) faults.push('a message not written for clients');
    if (Object.keys({ ...rest, ...more }).length > 0) faults.push(`more than there should be: ${JSON.stringify(more)}`);
    return faults;
  });
}
