import type { GraphiQL } from 'graphiql';
import { type ExecutionResult, getOperationAST } from 'graphql';
import { type Client, createClient } from 'graphql-ws';
import type { ComponentProps } from 'react';
import type { PlaygroundConfig } from '../config';
import type { Session } from './session';

type Fetcher = ComponentProps<typeof GraphiQL>['fetcher'];
type FetcherParams = Parameters<Fetcher>[0];
type EditedHeaders = Record<string, unknown>;

/** The close code by which the server asks for a fresh token on a new socket. */
const TOKEN_REFUSED = 4403;

/**
 * How GraphiQL reaches the server: queries and mutations by POST, subscriptions by graphql-transport-ws. Everything
 * carries the session's token, unless the headers editor holds an Authorization header of its own.
 */
export function createFetcher(config: PlaygroundConfig, session: Session): Fetcher {
  const subscribe = createSubscriber(config, session);
  return (params, options) => {
    const edited: EditedHeaders = options?.headers ?? {};
    const operation = options?.documentAST && getOperationAST(options.documentAST, params.operationName);
    return operation?.operation === 'subscription'
      ? subscribe(params, edited)
      : post(config.endpoint, params, edited, session);
  };
}

async function post(endpoint: string, params: FetcherParams, edited: EditedHeaders, session: Session) {
  const body = JSON.stringify(params);
  const ownAuthorization = editedAuthorization(edited) === null;
  const authorization = ownAuthorization ? await session.authorization() : null;
  const response = await fetch(endpoint, { method: 'POST', headers: requestHeaders(edited, authorization), body });
  if (response.status !== 401 || !authorization) {
    return readAnswer(response);
  }
  // 401 says that nothing was executed, so that even a mutation may be sent again.
  session.renew(authorization.slice('Bearer '.length));
  const headers = requestHeaders(edited, await session.authorization());
  return readAnswer(await fetch(endpoint, { method: 'POST', headers, body }));
}

function requestHeaders(edited: EditedHeaders, authorization: string | null): Headers {
  const headers = new Headers({
    accept: 'application/graphql-response+json, application/json',
    'content-type': 'application/json',
  });
  if (authorization) {
    headers.set('authorization', authorization);
  }
  for (const [name, value] of Object.entries(edited)) {
    headers.set(name, String(value));
  }
  return headers;
}

function editedAuthorization(edited: EditedHeaders): string | null {
  const entry = Object.entries(edited).find(([name]) => name.toLowerCase() === 'authorization');
  return entry ? String(entry[1]) : null;
}

async function readAnswer(response: Response): Promise<ExecutionResult> {
  const text = await response.text();
  try {
    return JSON.parse(text) as ExecutionResult;
  } catch {
    throw new Error(
      `The server answered ${response.status} ${response.statusText} without JSON: ${text.slice(0, 500)}`,
    );
  }
}

/** One lazy client: a socket lives as long as the subscription that GraphiQL shows. */
function createSubscriber(config: PlaygroundConfig, session: Session) {
  const url = new URL(config.subscriptionUrl, location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  let edited: string | null = null;
  let sent: string | null = null;

  const client = createClient({
    url: url.href,
    lazy: true,
    connectionParams: async () => {
      sent = edited ?? (await session.authorization());
      return sent ? { authorization: sent } : {};
    },
    on: {
      closed: (event) => {
        if (edited === null && sent && closeCode(event) === TOKEN_REFUSED) {
          session.renew(sent.slice('Bearer '.length));
        }
      },
    },
  });
  reconnectAsNewAccount(client, session);

  return (params: FetcherParams, headers: EditedHeaders) => {
    edited = editedAuthorization(headers);
    const { query, variables, operationName } = params;
    const events = client.iterate({ query, variables, operationName: operationName ?? undefined });
    // GraphiQL's types ask for GraphQLError objects; it only prints them, as they came over the wire.
    return explainClosing(events as AsyncIterableIterator<ExecutionResult>);
  };
}

/** The client subscribes again by itself after `terminate`, then with the token of the account now chosen. */
function reconnectAsNewAccount(client: Client, session: Session): void {
  let { account } = session.snapshot();
  session.subscribe(() => {
    const current = session.snapshot().account;
    if (current !== account) {
      account = current;
      client.terminate();
    }
  });
}

/**
 * Turns a CloseEvent, which GraphiQL would show as `{"isTrusted": true}`, into a sentence. Not an async generator: its
 * `return` would wait for the next event, and GraphiQL's stop button with it.
 */
function explainClosing<T>(events: AsyncIterableIterator<T>): AsyncIterableIterator<T> {
  const explained: AsyncIterableIterator<T> = {
    [Symbol.asyncIterator]: () => explained,
    next: () =>
      events.next().catch((problem: unknown) => {
        throw closeCode(problem) === null ? problem : new Error(describeClosing(problem as CloseEvent));
      }),
    return: async () => (await events.return?.()) ?? { done: true, value: undefined },
  };
  return explained;
}

function describeClosing({ code, reason }: CloseEvent): string {
  const because = reason ? `: ${reason}` : '';
  return `The server closed the socket with ${code}${because}. Run the subscription again to open a new one.`;
}

function closeCode(problem: unknown): number | null {
  return problem instanceof CloseEvent ? problem.code : null;
}
