import { gql, type TypedDocumentNode } from '@apollo/client';
import { startTestApp, type TestApp } from '../support/app';
import { type ApolloApp, createApolloApp, isUnauthenticated } from './apollo-app';
import { Arrivals, NO_POLLING } from './arrivals';
import * as documents from './documents';

const SIGN_UP: TypedDocumentNode<documents.SignUp, documents.Input> = gql(documents.SIGN_UP);
const SIGN_IN: TypedDocumentNode<documents.SignIn, documents.Input> = gql(documents.SIGN_IN);
const CREATE_POST: TypedDocumentNode<documents.CreatePost, documents.Input> = gql(documents.CREATE_POST);
const LIKE: TypedDocumentNode<documents.Like, documents.Input> = gql(documents.LIKE);
const FEED: TypedDocumentNode<documents.Feed, documents.PageVariables> = gql(documents.FEED);
const POST: TypedDocumentNode<documents.Post, { id: string }> = gql(documents.POST);
const ADD_COMMENT: TypedDocumentNode<documents.AddComment, documents.Input> = gql(documents.ADD_COMMENT);
const COMMENT_ADDED: TypedDocumentNode<documents.CommentAdded, documents.CommentAddedVariables> = gql(
  documents.COMMENT_ADDED,
);

const ADA = { name: 'Ada', handle: 'ada', email: 'ada@example.com', password: 'correct horse battery' };
const POSTS = 12;

describe('Apollo Client 4', () => {
  let app: TestApp;
  let ada: ApolloApp;

  beforeAll(async () => {
    app = await startTestApp({ env: NO_POLLING });
    ada = createApolloApp(app.url);
  });
  afterAll(async () => {
    await ada.close();
    await app.close();
  });

  /** Sends a mutation and answers its data. */
  async function mutate<Data>(
    mutation: TypedDocumentNode<Data, documents.Input>,
    input: object,
    by: ApolloApp = ada,
  ): Promise<Data> {
    const { data } = await by.client.mutate({ mutation, variables: { input } });
    if (!data) throw new Error('the mutation answered nothing');
    return data as Data;
  }

  /** A person made beside the app under test, on a device of their own. */
  async function joinedBy(handle: string): Promise<ApolloApp> {
    const device = createApolloApp(app.url);
    const { signUp } = await mutate(SIGN_UP, { ...ADA, handle, email: `${handle}@example.com` }, device);
    device.session.start(signUp);
    return device;
  }

  it('is told that it must sign in before it writes', async () => {
    const refused = mutate(CREATE_POST, { text: 'too early' }).catch((error: unknown) => error);
    expect(isUnauthenticated(await refused)).toBe(true);
  });

  it('signs up with a password and signs in again with it', async () => {
    const { signUp } = await mutate(SIGN_UP, ADA);
    expect(signUp).toMatchObject({ viewer: { user: { handle: 'ada' } }, userErrors: [] });
    const { signIn } = await mutate(SIGN_IN, { login: ADA.email, password: ADA.password });
    expect(signIn).toMatchObject({ viewer: { user: { handle: 'ada' } }, userErrors: [] });
    ada.session.start(signIn);
    const { data } = await ada.client.query({ query: FEED, variables: { first: 5 } });
    expect(data?.viewer?.feed.edges).toEqual([]);
    await ada.client.clearStore();
  });

  it('reads errors of every kind through fragments on their interface', async () => {
    const taken = await mutate(SIGN_UP, { ...ADA, email: 'other@example.com' });
    expect(taken.signUp.userErrors).toMatchObject([
      { __typename: 'HandleTakenError', code: 'CONFLICT', path: ['input', 'handle'] },
    ]);
    expect(taken.signUp.userErrors[0]?.suggestions).not.toHaveLength(0);
    const wrong = await mutate(SIGN_IN, { login: 'ada', password: 'wrong password' });
    expect(wrong.signIn.userErrors).toMatchObject([{ __typename: 'SimpleUserError', code: 'INVALID_CREDENTIALS' }]);
  });

  it('pages the feed by fetchMore to its end, into one list', async () => {
    for (let n = 1; n <= POSTS; n++) await mutate(CREATE_POST, { text: `Post ${n}` });
    const feed = ada.client.watchQuery({ query: FEED, variables: { first: 5 } });
    const shown = new Arrivals<documents.FeedPage>();
    const watching = feed.subscribe(({ data, loading, dataState }) => {
      if (!loading && dataState === 'complete' && data.viewer) shown.add(data.viewer.feed);
    });
    let lists = await shown.until(1);
    for (let end = pageEnd(lists); end !== null; end = pageEnd(lists)) {
      await feed.fetchMore({ variables: { after: end } });
      lists = await shown.until(lists.length + 1);
    }
    watching.unsubscribe();
    expect(lists.map(({ edges }) => edges.length)).toEqual([5, 10, POSTS]);
    const whole = await ada.client.query({ query: FEED, variables: { first: 100 }, fetchPolicy: 'no-cache' });
    expect(documents.idsOf(lists.at(-1))).toEqual(documents.idsOf(whole.data?.viewer?.feed));
    expect(documents.idsOf(lists.at(-1))).toHaveLength(POSTS);
  });

  it('keeps one entity for a post that two queries and a mutation answered', async () => {
    const { data } = await ada.client.query({ query: FEED, variables: { first: 5 } });
    const shown = data?.viewer?.feed.edges[0]?.node;
    if (!shown) throw new Error('the feed is empty');
    await ada.client.query({ query: POST, variables: { id: shown.id } });
    await mutate(LIKE, { postId: shown.id, liked: true });
    const cached = ada.client.cache.extract() as Record<string, unknown>;
    expect(cached[`Post:${shown.id}`]).toMatchObject({ text: shown.text, likeCount: 1, viewerHasLiked: true });
    const entities = Object.keys(cached).filter((key) => key.includes(shown.id));
    expect(entities).toEqual([`Post:${shown.id}`]);
  });

  describe('with a post that others write under', () => {
    let postId: string;
    let bob: ApolloApp;

    beforeAll(async () => {
      bob = await joinedBy('bob');
      const { createPost } = await mutate(CREATE_POST, { text: 'What do you think?' });
      postId = createPost.postEdge.node.id;
    });
    afterAll(() => bob.close());

    it('sees comments arrive, those before it listened and those after', async () => {
      const first = await mutate(ADD_COMMENT, { postId, text: 'first' }, bob);
      await mutate(ADD_COMMENT, { postId, text: 'second' }, bob);
      await ada.client.query({ query: POST, variables: { id: postId } });
      const live = listen(ada, { postId, after: first.addComment.commentEdge.cursor });
      await live.until(1);
      await mutate(ADD_COMMENT, { postId, text: 'third' }, bob);
      expect(await live.until(2)).toEqual(['second', 'third']);
      live.end();
      const cached = ada.client.readQuery({ query: POST, variables: { id: postId } });
      expect(cached?.post?.commentCount).toBe(3);
    });

    it('refreshes its token when a request is refused, and sends it again', async () => {
      await ada.session.growOld();
      const { createPost } = await mutate(CREATE_POST, { text: 'after a long time' });
      expect(createPost.postEdge.node.text).toBe('after a long time');
      expect(ada.session.refreshes).toBe(1);
    });

    it('refreshes its token when its socket is closed, and listens on', async () => {
      await ada.session.growOld();
      const { addComment } = await mutate(ADD_COMMENT, { postId, text: 'fourth' }, bob);
      const live = listen(ada, { postId, after: addComment.commentEdge.cursor });
      await mutate(ADD_COMMENT, { postId, text: 'fifth' }, bob);
      expect(await live.until(1)).toEqual(['fifth']);
      expect(ada.session.refreshes).toBe(2);
      live.end();
    });
  });
});

/** Where the list shown last goes on; null at its end. */
function pageEnd(lists: readonly documents.FeedPage[]): string | null {
  const { hasNextPage, endCursor } = lists.at(-1)?.pageInfo ?? { hasNextPage: false, endCursor: null };
  return hasNextPage ? endCursor : null;
}

/** Subscribes to the comments of a post; their texts arrive. */
function listen({ client }: ApolloApp, variables: documents.CommentAddedVariables) {
  const texts = new Arrivals<string>();
  const listening = client.subscribe({ query: COMMENT_ADDED, variables }).subscribe({
    next: ({ data, error }) => (data ? texts.add(data.commentAdded.node.text) : texts.fail(error)),
    error: (error) => texts.fail(error),
  });
  return { until: (count: number) => texts.until(count), end: () => listening.unsubscribe() };
}
