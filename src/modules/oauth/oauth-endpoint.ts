import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { DeviceClaim } from '../../graphql/pipeline/attempts';
import { Refusal } from '../../graphql/pipeline/refusal';
import { replyRefusal } from '../../graphql/refusal-reply';
import { OAuthError } from './oauth-error';

/**
 * Counts an attempt of an address, or of a device that is known for what it claims. Throws a Refusal when there were too
 * many, or the process is overloaded.
 */
export type AdmitAttempt = (address: string, device?: DeviceClaim | null) => Promise<void>;

/** What stands before the endpoints. */
export interface Admissions {
  readonly attempt: AdmitAttempt;
  /** As `attempt`, for what holds a secret that nobody can guess: it is let through also while attempts cannot be counted. */
  readonly renewal: (address: string) => Promise<void>;
}

/** RFC 6749 §5.1: answers about tokens are never stored by a cache. */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' };

const FORM_REMEDY = 'Send the parameters as application/x-www-form-urlencoded.';

/** Answers a form, or throws an OAuthError. */
export type FormHandler = (form: URLSearchParams, request: FastifyRequest, reply: FastifyReply) => Promise<object>;

/**
 * Serves forms posted by apps. Errors are as in RFC 6749 §5.2, which knows none for coming too often or at a bad time:
 * those are refused as everywhere else.
 */
export function registerEndpoints(app: FastifyInstance, handlers: Readonly<Record<string, FormHandler>>): void {
  app.register(async (scope) => {
    acceptForms(scope);
    scope.addHook('onRequest', async (_request, reply) => void reply.headers(NO_STORE));
    scope.setErrorHandler((fault: FastifyError | OAuthError | Refusal, request, reply) => {
      if (fault instanceof Refusal) return replyRefusal(request, reply, fault);
      const error = fault instanceof OAuthError ? fault : unreadable(fault);
      // RFC 6749 §5.2: whoever has tried the header is told so by the header.
      if (error.status === 401) void reply.header('www-authenticate', 'Basic realm="portico", charset="UTF-8"');
      void reply.code(error.status).send({ error: error.code, error_description: error.description });
    });
    for (const [path, handle] of Object.entries(handlers)) {
      scope.post(path, async (request, reply) => handle(readForm(request.body), request, reply));
    }
  });
}

export function acceptForms(scope: FastifyInstance): void {
  scope.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) => {
    done(null, new URLSearchParams(String(body)));
  });
}

/** RFC 6749 §3.1: a parameter must not be sent twice, and one without a value counts as not sent. */
export function findRepeated(parameters: URLSearchParams): string | null {
  const seen = new Set<string>();
  for (const name of parameters.keys()) {
    if (seen.has(name)) return name;
    seen.add(name);
  }
  return null;
}

function readForm(body: unknown): URLSearchParams {
  if (!(body instanceof URLSearchParams)) throw new OAuthError('invalid_request', FORM_REMEDY);
  if (findRepeated(body) !== null) throw new OAuthError('invalid_request', 'A parameter was sent twice.');
  return body;
}

/** Bodies that cannot be read never reach the handler. @throws what is no fault of the sender. */
function unreadable(fault: FastifyError): OAuthError {
  const status = fault.statusCode ?? 500;
  if (status >= 500) throw fault;
  return new OAuthError('invalid_request', status === 413 ? 'The request body is too large.' : FORM_REMEDY, status);
}
