import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { CombinedGraphQLErrors } from '@apollo/client/errors';
import { SetContextLink } from '@apollo/client/link/context';
import { ErrorLink } from '@apollo/client/link/error';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { relayStylePagination } from '@apollo/client/utilities';
import { buildSchema, isAbstractType, OperationTypeNode } from 'graphql';
import { CloseCode, createClient } from 'graphql-ws';
import { from, mergeMap } from 'rxjs';
import WebSocket from 'ws';
import { Session } from './session';

/** An app on Apollo Client 4, put together as Apollo's documentation says. */
export interface ApolloApp {
  readonly client: ApolloClient;
  readonly session: Session;
  close(): Promise<void>;
}

export function createApolloApp(url: string): ApolloApp {
  const session = new Session(url);
  let tokenEnded = false;
  const socket = createClient({
    url: `${url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    async connectionParams() {
      if (tokenEnded) await session.refresh();
      tokenEnded = false;
      return session.credentials;
    },
    retryWait: async () => {},
    on: {
      closed: (event) => {
        tokenEnded = (event as CloseEvent).code === CloseCode.Forbidden;
      },
    },
  });
  const http = ApolloLink.from([
    new ErrorLink(({ error, operation, forward }) => {
      if (!isUnauthenticated(error) || !operation.getContext()['headers']?.authorization) return undefined;
      return from(session.refresh()).pipe(mergeMap(() => forward(operation)));
    }),
    new SetContextLink(({ headers }) => ({ headers: { ...headers, ...session.credentials } })),
    new HttpLink({ uri: `${url}/graphql` }),
  ]);
  const client = new ApolloClient({
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      http,
    ),
    cache: createCache(),
  });
  return {
    client,
    session,
    async close() {
      client.stop();
      await socket.dispose();
    },
  };
}

interface CloseEvent {
  readonly code?: number;
}

/** The code says so, whatever the HTTP status. */
export function isUnauthenticated(error: unknown): boolean {
  return (
    CombinedGraphQLErrors.is(error) && error.errors.some(({ extensions }) => extensions?.['code'] === 'UNAUTHENTICATED')
  );
}

function createCache(): InMemoryCache {
  return new InMemoryCache({
    possibleTypes: possibleTypesOf(readFileSync(join(__dirname, '../../schema.graphql'), 'utf8')),
    typePolicies: {
      Viewer: { fields: { feed: relayStylePagination(['kind']) } },
      User: { fields: { posts: relayStylePagination() } },
      Post: { fields: { comments: relayStylePagination(['order']) } },
    },
  });
}

/** Which types stand behind each interface and union: what Apollo's cache cannot know from answers. */
export function possibleTypesOf(sdl: string): Record<string, string[]> {
  const schema = buildSchema(sdl);
  const faces = Object.values(schema.getTypeMap()).filter(isAbstractType);
  return Object.fromEntries(faces.map((face) => [face.name, schema.getPossibleTypes(face).map(({ name }) => name)]));
}
