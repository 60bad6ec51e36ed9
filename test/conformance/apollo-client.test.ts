import { gql, type TypedDocumentNode } from '@apollo/client';
import { firstValueFrom, map, type Observable, take, toArray } from 'rxjs';
import { startTestApp, type TestApp } from '../support/app';
import { type ApolloApp, createApolloApp, isUnauthenticated } from './apollo-app';

interface Post {
  readonly __typename: 'Post';
  readonly id: string;
  readonly text: string;
  readonly likeCount: number;
  readonly viewerHasLiked: boolean | null;
}

interface Refusal {
  readonly __typename: string;
  readonly code: string;
  readonly path: readonly string[] | null;
  readonly suggestions?: readonly string[];
}

interface Authentication {
  readonly accessToken: string | null;
  readonly refreshToken: string | null;
  readonly viewer: { readonly user: { readonly handle: string } } | null;
  readonly userErrors: readonly Refusal[];
}

const REFUSAL = gql`
  fragment Refusal on UserError { code path ... on HandleTakenError { suggestions } }
`;

const SIGN_UP: TypedDocumentNode<{ signUp: Authentication }, { input: object }> = gql`
  mutation SignUp($input: SignUpInput!) {
    signUp(input: $input) { accessToken refreshToken viewer { id user { id handle } } userErrors { ...Refusal } }
  }
  ${REFUSAL}
`;

const SIGN_IN: TypedDocumentNode<{ signIn: Authentication }, { input: object }> = gql`
  mutation SignIn($input: SignInInput!) {
    signIn(input: $input) { accessToken refreshToken viewer { id user { id handle } } userErrors { ...Refusal } }
  }
  ${REFUSAL}
`;

const CREATE_POST: TypedDocumentNode<{ createPost: { postEdge: { node: Post } } }, { input: object }> = gql`
  mutation CreatePost($input: CreatePostInput!) {
    createPost(input: $input) { postEdge { cursor node { id text likeCount viewerHasLiked } } }
  }
`;

const LIKE: TypedDocumentNode<{ setPostLiked: { post: Post } }, { input: object }> = gql`
  mutation Like($input: SetPostLikedInput!) {
    setPostLiked(input: $input) { post { id likeCount viewerHasLiked } userErrors { code } }
  }
`;

interface Feed {
  readonly edges: readonly { readonly node: Post }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

const FEED: TypedDocumentNode<{ viewer: { feed: Feed } | null }, { first: number; after?: string | null }> = gql`
  query Feed($first: Int, $after: String) {
    viewer {
      id
      feed(first: $first, after: $after) {
        edges { cursor reason node { id text } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`;

const POST: TypedDocumentNode<{ post: Post & { commentCount: number } }, { id: string }> = gql`
  query Post($id: ID!) { post(id: $id) { id likeCount commentCount viewerHasLiked } }
`;

const ADD_COMMENT: TypedDocumentNode<{ addComment: { commentEdge: { cursor: string } } }, { input: object }> = gql`
  mutation AddComment($input: AddCommentInput!) {
    addComment(input: $input) { commentEdge { cursor node { id text } } post { id commentCount } userErrors { code } }
  }
`;

interface CommentAdded {
  readonly commentAdded: { readonly cursor: string; readonly node: { readonly text: string } };
}

const COMMENT_ADDED: TypedDocumentNode<CommentAdded, { postId: string; after?: string }> = gql`
  subscription CommentAdded($postId: ID!, $after: String) {
    commentAdded(postId: $postId, after: $after) {
      cursor
      node { id text author { id handle } post { id commentCount } }
    }
  }
`;

const ADA = { name: 'Ada', handle: 'ada', email: 'ada@example.com', password: 'correct horse battery' };
const POSTS = 12;

describe('Apollo Client 4', () => {
  let app: TestApp;
  let ada: ApolloApp;

  beforeAll(async () => {
    app = await startTestApp();
    ada = createApolloApp(app.url);
  });
  afterAll(async () => {
    await ada.close();
    await app.close();
  });

  /** Sends a mutation and answers its data. */
  async function mutate<Data, Variables extends Record<string, unknown>>(
    mutation: TypedDocumentNode<Data, Variables>,
    input: object,
    by: ApolloApp = ada,
  ): Promise<Data> {
    const { data } = await by.client.mutate({ mutation, variables: { input } as unknown as Variables & {} });
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
    const watching = feed.subscribe({});
    await feed.result();
    const sizes = [];
    for (;;) {
      const shown = currentFeed(feed);
      sizes.push(shown.edges.length);
      if (!shown.pageInfo.hasNextPage) break;
      await feed.fetchMore({ variables: { after: shown.pageInfo.endCursor } });
    }
    expect(sizes).toEqual([5, 10, POSTS]);
    const { data } = await ada.client.query({ query: FEED, variables: { first: 100 }, fetchPolicy: 'no-cache' });
    expect(currentFeed(feed).edges.map(({ node }) => node)).toEqual(data?.viewer?.feed.edges.map(({ node }) => node));
    watching.unsubscribe();
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
      expect(cached?.post.commentCount).toBe(3);
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

function currentFeed(feed: { getCurrentResult(): { data?: unknown } }): Feed {
  const { data } = feed.getCurrentResult() as { data?: { viewer: { feed: Feed } | null } };
  if (!data?.viewer) throw new Error('the feed is not there');
  return data.viewer.feed;
}
