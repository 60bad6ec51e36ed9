/** What an app sends on its way from signing up to a live comment, and what it reads of the answers. */

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

export interface Input {
  readonly input: object;
  readonly [key: string]: unknown;
}

const AUTHENTICATION = `
  accessToken
  refreshToken
  viewer { id user { id handle } }
  userErrors { __typename ...Refusal }
`;
const REFUSAL = `
  fragment Refusal on UserError { code path ... on HandleTakenError { suggestions } }
`;

export const SIGN_UP = `
  mutation SignUp($input: SignUpInput!) { signUp(input: $input) { ${AUTHENTICATION} } }
  ${REFUSAL}
`;
export interface SignUp {
  readonly signUp: Authentication;
}

export const SIGN_IN = `
  mutation SignIn($input: SignInInput!) { signIn(input: $input) { ${AUTHENTICATION} } }
  ${REFUSAL}
`;
export interface SignIn {
  readonly signIn: Authentication;
}

export const CREATE_POST = `
  mutation CreatePost($input: CreatePostInput!) {
    createPost(input: $input) { postEdge { cursor node { id text likeCount viewerHasLiked } } userErrors { code } }
  }
`;
export interface CreatePost {
  readonly createPost: { readonly postEdge: { readonly node: { readonly id: string; readonly text: string } } };
}

export const LIKE = `
  mutation Like($input: SetPostLikedInput!) {
    setPostLiked(input: $input) { post { id likeCount viewerHasLiked } userErrors { code } }
  }
`;
export interface Like {
  readonly setPostLiked: { readonly post: { readonly id: string; readonly likeCount: number } };
}

export const FEED = `
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
export interface FeedPage {
  readonly edges: readonly { readonly node: { readonly id: string; readonly text: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
export interface Feed {
  readonly viewer: { readonly feed: FeedPage } | null;
}
export const idsOf = (page: FeedPage | undefined) => page?.edges.map(({ node }) => node.id);
export interface PageVariables {
  readonly first: number;
  readonly after?: string | null;
  readonly [key: string]: unknown;
}

export const POST = `
  query Post($id: ID!) { post(id: $id) { id likeCount commentCount viewerHasLiked } }
`;
export interface Post {
  readonly post: { readonly id: string; readonly likeCount: number; readonly commentCount: number } | null;
}

export const ADD_COMMENT = `
  mutation AddComment($input: AddCommentInput!) {
    addComment(input: $input) { commentEdge { cursor node { id text } } post { id commentCount } userErrors { code } }
  }
`;
export interface AddComment {
  readonly addComment: { readonly commentEdge: { readonly cursor: string } };
}

export const COMMENT_ADDED = `
  subscription CommentAdded($postId: ID!, $after: String) {
    commentAdded(postId: $postId, after: $after) {
      cursor
      node { id text author { id handle } post { id commentCount } }
    }
  }
`;
export interface CommentAdded {
  readonly commentAdded: { readonly cursor: string; readonly node: { readonly text: string } };
}
export interface CommentAddedVariables {
  readonly postId: string;
  readonly after?: string;
  readonly [key: string]: unknown;
}
