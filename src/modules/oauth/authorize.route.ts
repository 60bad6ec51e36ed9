import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { presentError } from '../../graphql/errors';
import { Refusal } from '../../graphql/pipeline/refusal';
import { UserErrors } from '../../kernel/errors';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { PasswordService } from '../auth';
import { type AuthorizationRequest, readAuthorizationRequest } from './authorization-request';
import type { ClientRegistry } from './client-registry';
import type { CodeService } from './code.service';
import type { DeviceCookie } from './device-cookie';
import { type AdmitAttempt, acceptForms, NO_STORE } from './oauth-endpoint';
import { formTargetOf, withParameters } from './redirect-uri';
import type { SignInForms } from './sign-in-form';
import { contentSecurityPolicy, renderDeadEnd, renderSignIn } from './sign-in-page';

export const AUTHORIZE_PATH = '/oauth/authorize';

export interface AuthorizeDeps {
  readonly database: Database;
  readonly clients: ClientRegistry;
  readonly passwords: PasswordService;
  readonly codes: CodeService;
  readonly forms: SignInForms;
  readonly devices: DeviceCookie;
  readonly issuer: string;
  readonly log: Log;
}

/** What the person is to be told, and under which status. */
interface Failure {
  readonly status: number;
  readonly message: string;
  readonly retryAfterMs?: number | null;
}

const EXPIRED: Failure = { status: 400, message: 'This page was open for too long. Sign in again.' };
const HTML = 'text/html; charset=utf-8';
const CONTROL = /\p{Cc}/gu;

/**
 * The authorization endpoint (RFC 6749 §3.1): shows a page to sign in on, and sends the browser back to the app with a
 * code, or with the error that the app has made.
 */
export function registerAuthorize(app: FastifyInstance, deps: AuthorizeDeps, admitAttempt: AdmitAttempt): void {
  const { clients, forms, devices, issuer, log } = deps;

  /** RFC 9700 §4.12: 303, so that no browser sends the password on. `iss`: RFC 9207. */
  const sendBack = (reply: FastifyReply, uri: string, parameters: Record<string, string | null>) =>
    reply
      .code(303)
      .header('location', withParameters(uri, { ...parameters, iss: issuer }))
      .send();

  const showDeadEnd = (reply: FastifyReply, { status, message }: Failure) =>
    reply
      .code(status)
      .type(HTML)
      .header('content-security-policy', contentSecurityPolicy(null))
      .send(renderDeadEnd(message));

  function show(
    request: FastifyRequest,
    reply: FastifyReply,
    parameters: URLSearchParams,
    login?: string,
    failure?: Failure,
  ) {
    const read = readAuthorizationRequest(clients, parameters);
    if (read.kind === 'unknown') return showDeadEnd(reply, { status: 400, message: read.message });
    if (read.kind === 'bad') {
      const { redirectUri, state, error, description } = read;
      return sendBack(reply, redirectUri, { error, error_description: description, state });
    }
    const { client, redirectUri, state, loginHint } = read.request;
    const { browser, setCookie } = forms.browserOf(request.headers.cookie);
    if (failure?.retryAfterMs) void reply.header('retry-after', Math.ceil(failure.retryAfterMs / 1_000));
    return reply
      .code(failure?.status ?? 200)
      .type(HTML)
      .header('set-cookie', setCookie)
      .header('content-security-policy', contentSecurityPolicy(formTargetOf(redirectUri)))
      .send(
        renderSignIn({
          clientName: client.name,
          token: forms.seal(parameters, browser),
          login: login ?? loginHint,
          fault: failure?.message ?? null,
          cancelUrl: withParameters(redirectUri, { error: 'access_denied', state, iss: issuer }),
        }),
      );
  }

  app.register(async (scope) => {
    acceptForms(scope);
    scope.addHook('onRequest', async (_request, reply) => {
      void reply.headers(NO_STORE);
    });

    // Bodies that cannot be read never reach the handler, and whoever reads the answer is a person.
    scope.setErrorHandler((fault: FastifyError, _request, reply) => {
      const { statusCode: status = 500 } = fault;
      return showDeadEnd(reply, status < 500 ? { ...EXPIRED, status } : failureOf(fault, log));
    });

    scope.get(AUTHORIZE_PATH, async (request, reply) => show(request, reply, parametersOf(request)));

    scope.post(AUTHORIZE_PATH, async (request, reply) => {
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      const parameters = forms.open(form.get('request') ?? '', request.headers.cookie);
      if (parameters === null) return show(request, reply, parametersOf(request), undefined, EXPIRED);
      const read = readAuthorizationRequest(clients, parameters);
      if (read.kind !== 'good') return show(request, reply, parameters);
      const login = (form.get('login') ?? '').replace(CONTROL, '');
      try {
        const brought = devices.read(request.headers.cookie);
        await admitAttempt(request.ip, brought === null ? null : { token: brought, login });
        const sent = { login, password: form.get('password') ?? '', address: request.ip, brought };
        const { code, deviceToken } = await signIn(deps, read.request, sent);
        void reply.header('set-cookie', devices.write(deviceToken));
        return sendBack(reply, read.request.redirectUri, { code, state: read.request.state });
      } catch (error) {
        return show(request, reply, parameters, login, failureOf(error, log));
      }
    });
  });
}

/** What somebody has sent to sign in. */
interface SentForm {
  readonly login: string;
  readonly password: string;
  readonly address: string;
  /** The token of a device on which somebody has signed in before. */
  readonly brought: string | null;
}

async function signIn(
  { database, passwords, codes }: AuthorizeDeps,
  request: AuthorizationRequest,
  { login, password, address, brought }: SentForm,
): Promise<{ code: string; deviceToken: string }> {
  const proven = await passwords.authenticate(database, login, password, { address }, brought);
  const code = await codes.issue(database, proven, request);
  return { code, deviceToken: passwords.deviceTokenFor(proven.userId, login, brought) };
}

/** The query as sent: Fastify's own parser makes lists of what was sent twice. */
function parametersOf({ url }: FastifyRequest): URLSearchParams {
  return new URLSearchParams(url.replace(/^[^?]*\??/, ''));
}

function failureOf(error: unknown, log: Log): Failure {
  if (error instanceof UserErrors) return { status: 400, message: error.errors[0]?.message ?? '' };
  if (error instanceof Refusal) {
    const { status, retryAfterMs, errors } = error;
    return { status, retryAfterMs, message: errors[0]?.message ?? '' };
  }
  const { message, extensions } = presentError(error, log);
  return { status: extensions?.['code'] === 'INTERNAL' ? 500 : 503, message };
}
