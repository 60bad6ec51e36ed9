import { ApolloClient, gql as apolloGql, InMemoryCache, type TypedDocumentNode } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { cacheExchange, Client as UrqlClient, gql as urqlGql } from '@urql/core';
import { createClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { ResumeLink } from '../../src/clients/apollo-resume-link';
import { type ResumableOptions, resumable } from '../../src/clients/graphql-ws-resume';
import { resumeExchange } from '../../src/clients/urql-resume-exchange';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { COMMENT_ADDED } from '../support/comment-stream';
import { eventually } from '../support/interleaving';
import { comment, people, publish } from '../support/verbs';
import { type Line, layLine, whileCutting } from './line';

const COMMENTS = 40;
const CUT_EVERY_MS = 40;
const QUICKLY: ResumableOptions = { firstWaitMs: 10, longestWaitMs: 50 };

interface Variables {
  readonly [name: string]: unknown;
  readonly postId: string;
  readonly after: string;
}

interface Added {
  readonly commentAdded: { readonly node: { readonly text: string } };
}

/** An app that follows the comments of posts. */
interface Follower {
  follow(variables: Variables, show: (text: string) => void): () => void;
  close(): unknown;
}

function socketOf(line: Line, retryAttempts = 0): SocketClient {
  return createClient({
    url: `${line.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    retryAttempts,
    retryWait: async () => {},
    shouldRetry: () => true,
  });
}

function apolloOn(link: GraphQLWsLink): Follower {
  const client = new ApolloClient({ link, cache: new InMemoryCache() });
  const query: TypedDocumentNode<Added, Variables> = apolloGql(COMMENT_ADDED);
  return {
    follow(variables, show) {
      const following = client.subscribe({ query, variables }).subscribe(({ data, error }) => {
        show(data?.commentAdded.node.text ?? String(error));
      });
      return () => following.unsubscribe();
    },
    close: () => link.client.dispose(),
  };
}

function urqlOn(socket: SocketClient): Follower {
  const client = new UrqlClient({ url: 'unused', exchanges: [cacheExchange, resumeExchange(socket, QUICKLY)] });
  const query = urqlGql<Added, Variables>(COMMENT_ADDED);
  return {
    follow: (variables, show) =>
      client.subscription(query, variables).subscribe(({ data, error }) => {
        show(data?.commentAdded.node.text ?? String(error));
      }).unsubscribe,
    close: () => socket.dispose(),
  };
}

function plainOn(socket: SocketClient): Follower {
  return {
    follow: (variables, show) =>
      socket.subscribe<Added>(
        { query: COMMENT_ADDED, variables },
        {
          next: ({ data, errors }) => show(data?.commentAdded.node.text ?? JSON.stringify(errors)),
          error: (failure) => show(String(failure)),
          complete: () => show('the end'),
        },
      ),
    close: () => socket.dispose(),
  };
}

const FOLLOWERS: readonly (readonly [string, (line: Line) => Follower])[] = [
  ['Apollo Client', (line) => apolloOn(new ResumeLink(socketOf(line), QUICKLY))],
  ['urql', (line) => urqlOn(socketOf(line))],
  ['graphql-ws', (line) => plainOn(resumable(socketOf(line), QUICKLY))],
  ['a graphql-ws that retries by itself', (line) => plainOn(resumable(socketOf(line, 10_000), QUICKLY))],
];

let app: TestApp;
let line: Line;
let ada: Person;
let follower: Follower | null = null;

beforeAll(async () => {
  app = await startTestApp({ env: { LIVE_POLL_MS: '600000' } });
  line = await layLine(app.url);
  ({ ada } = await people(app, 'ada'));
});
afterEach(() => follower?.close());
afterAll(async () => {
  await line.close();
  await app.close();
});

/** A post with a first comment, where following it begins. */
async function thread() {
  const postId = await publish(app, ada);
  const { cursor } = await comment(app, ada, postId, 'The first');
  return { postId, after: cursor };
}

async function write(postId: string): Promise<string[]> {
  const texts = Array.from({ length: COMMENTS }, (_, index) => `Comment ${index}`);
  for (const text of texts) await comment(app, ada, postId, text);
  return texts;
}

describe.each(FOLLOWERS)('over a line that is cut again and again, %s', (_, open) => {
  it('shows every comment once and in order, of two posts at once', async () => {
    const apart = open(line);
    follower = apart;
    const threads = [await thread(), await thread()];
    const shown = threads.map((variables) => {
      const texts: string[] = [];
      apart.follow(variables, (text) => texts.push(text));
      return texts;
    });
    const before = line.connections;
    const written = await whileCutting(line, CUT_EVERY_MS, () =>
      Promise.all(threads.map(({ postId }) => write(postId))),
    );
    await eventually('all comments came', () => shown.every(({ length }) => length >= COMMENTS));
    expect(line.connections - before).toBeGreaterThan(3);
    expect(shown).toEqual(written);
  });

  it('asks no more once nobody follows', async () => {
    follower = open(line);
    const { postId, after } = await thread();
    const shown: string[] = [];
    const leave = follower.follow({ postId, after }, (text) => shown.push(text));
    await comment(app, ada, postId, 'Seen');
    await eventually('a comment came', () => shown.length > 0);
    line.cut();
    leave();
    const { connections } = line;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(line.connections).toBe(connections);
    expect(shown).toEqual(['Seen']);
  });
});

it('is needed: Apollo Client on GraphQLWsLink shows again what it had', async () => {
  follower = apolloOn(new GraphQLWsLink(socketOf(line, 10_000)));
  const { postId, after } = await thread();
  const shown: string[] = [];
  follower.follow({ postId, after }, (text) => shown.push(text));
  await comment(app, ada, postId, 'One');
  await eventually('it came', () => shown.length === 1);
  line.cut();
  await comment(app, ada, postId, 'Two');
  await eventually('the other came', () => shown.includes('Two'));
  expect(shown).toEqual(['One', 'One', 'Two']);
});
