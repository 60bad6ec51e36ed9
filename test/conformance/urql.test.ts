import { Client, CombinedError, cacheExchange, fetchExchange, gql, subscriptionExchange } from '@urql/core';
import { createClient, type Client as SocketClient } from 'graphql-ws';
import WebSocket from 'ws';
import { startTestApp, type TestApp } from '../support/app';
import { Arrivals, NO_POLLING } from './arrivals';
import * as documents from './documents';
import { Session } from './session';

const SIGN_UP = gql<documents.SignUp, documents.Input>(documents.SIGN_UP);
const SIGN_IN = gql<documents.SignIn, documents.Input>(documents.SIGN_IN);
const CREATE_POST = gql<documents.CreatePost, documents.Input>(documents.CREATE_POST);
const LIKE = gql<documents.Like, documents.Input>(documents.LIKE);
const FEED = gql<documents.Feed, documents.PageVariables>(documents.FEED);
const POST = gql<documents.Post, { id: string }>(documents.POST);
const ADD_COMMENT = gql<documents.AddComment, documents.Input>(documents.ADD_COMMENT);
const COMMENT_ADDED = gql<documents.CommentAdded, documents.CommentAddedVariables>(documents.COMMENT_ADDED);

const GRACE = { name: 'Grace', handle: 'grace', email: 'grace@example.com', password: 'correct horse battery' };
const POSTS = 12;

describe('urql', () => {
  let app: TestApp;
  let session: Session;
  let socket: SocketClient;
  let client: Client;

  beforeAll(async () => {
    app = await startTestApp({ env: NO_POLLING });
    session = new Session(app.url);
    socket = createClient({
      url: `${app.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: () => session.credentials,
    });
    client = createUrqlClient(app.url, session, socket);
  });
  afterAll(async () => {
    await socket.dispose();
    await app.close();
  });

  it('is told that it must sign in before it writes', async () => {
    const { error } = await client.mutation(CREATE_POST, { input: { text: 'too early' } });
    expect(codesOf(error)).toEqual(['UNAUTHENTICATED']);
  });

  it('signs up with a password and signs in again with it', async () => {
    const { signUp } = await dataOf(client.mutation(SIGN_UP, { input: GRACE }));
    expect(signUp).toMatchObject({ viewer: { user: { handle: 'grace' } }, userErrors: [] });
    const { signIn } = await dataOf(client.mutation(SIGN_IN, { input: { login: 'GRACE', password: GRACE.password } }));
    expect(signIn).toMatchObject({ viewer: { user: { handle: 'grace' } }, userErrors: [] });
    session.start(signIn);
  });

  it('reads errors of every kind through fragments on their interface', async () => {
    const { signUp } = await dataOf(client.mutation(SIGN_UP, { input: { ...GRACE, email: 'other@example.com' } }));
    expect(signUp.userErrors).toMatchObject([
      { __typename: 'HandleTakenError', code: 'CONFLICT', suggestions: expect.any(Array) },
    ]);
  });

  it('pages the feed to its end', async () => {
    for (let n = 1; n <= POSTS; n++) await dataOf(client.mutation(CREATE_POST, { input: { text: `Post ${n}` } }));
    const pages: documents.FeedPage[] = [];
    for (let after: string | null = null; ; ) {
      const page: documents.FeedPage = feedOf(await dataOf(client.query(FEED, { first: 5, after })));
      pages.push(page);
      if (!page.pageInfo.hasNextPage) break;
      after = page.pageInfo.endCursor;
    }
    expect(pages.map(({ edges }) => edges.length)).toEqual([5, 5, 2]);
    const whole = feedOf(await dataOf(client.query(FEED, { first: 100 })));
    expect(pages.flatMap(documents.idsOf)).toEqual(documents.idsOf(whole));
  });

  it('reads a post again when a mutation answered with one', async () => {
    const { createPost } = await dataOf(client.mutation(CREATE_POST, { input: { text: 'Do you like it?' } }));
    const { id } = createPost.postEdge.node;
    const likes = new Arrivals<number | undefined>();
    const { unsubscribe } = client.query(POST, { id }).subscribe(({ data, stale }) => {
      if (!stale) likes.add(data?.post?.likeCount);
    });
    await likes.until(1);
    await dataOf(client.mutation(LIKE, { input: { postId: id, liked: true } }));
    expect(await likes.until(2)).toEqual([0, 1]);
    unsubscribe();
  });

  it('sees comments arrive, those before it listened and those after', async () => {
    const { createPost } = await dataOf(client.mutation(CREATE_POST, { input: { text: 'What do you think?' } }));
    const postId = createPost.postEdge.node.id;
    const comment = (text: string) => dataOf(client.mutation(ADD_COMMENT, { input: { postId, text } }));
    const { addComment } = await comment('first');
    await comment('second');
    const live = new Arrivals<string>();
    const after = addComment.commentEdge.cursor;
    const { unsubscribe } = client.subscription(COMMENT_ADDED, { postId, after }).subscribe(({ data, error }) => {
      if (data) live.add(data.commentAdded.node.text);
      else live.fail(error);
    });
    await live.until(1);
    await comment('third');
    expect(await live.until(2)).toEqual(['second', 'third']);
    unsubscribe();
  });

  it('is told by a code when its token has ended, and goes on with a new one', async () => {
    await session.growOld();
    const late = { input: { text: 'after a long time' } };
    const { error } = await client.mutation(CREATE_POST, late);
    expect(codesOf(error)).toEqual(['UNAUTHENTICATED']);
    await session.refresh();
    const { createPost } = await dataOf(client.mutation(CREATE_POST, late));
    expect(createPost.postEdge.node.text).toBe('after a long time');
  });
});

/** A client put together as urql's documentation says. */
function createUrqlClient(url: string, session: Session, socket: SocketClient): Client {
  return new Client({
    url: `${url}/graphql`,
    // urql sends short queries by GET, which needs a header that no form of a foreign page can send.
    fetchOptions: () => ({ headers: { 'apollo-require-preflight': 'true', ...session.credentials } }),
    exchanges: [
      cacheExchange,
      fetchExchange,
      subscriptionExchange({
        forwardSubscription: ({ query = '', variables }) => ({
          subscribe: (sink) => ({ unsubscribe: socket.subscribe({ query, variables }, sink) }),
        }),
      }),
    ],
  });
}

/** The data of an answer. @throws urql's error when it has one. */
async function dataOf<Data>(answering: PromiseLike<{ data?: Data; error?: CombinedError }>): Promise<Data> {
  const { data, error } = await answering;
  if (error || !data) throw error ?? new Error('nothing was answered');
  return data;
}

function feedOf({ viewer }: documents.Feed): documents.FeedPage {
  if (!viewer) throw new Error('nobody is signed in');
  return viewer.feed;
}

function codesOf(error: CombinedError | undefined): unknown[] {
  return error?.graphQLErrors.map(({ extensions }) => extensions?.['code']) ?? [];
}
