const FEED = `# The home screen in one round trip: ten posts,
# each with its author and its first comments.
# Run it with Ctrl-Enter (on a Mac Cmd-Enter).
query HomeFeed {
  viewer {
    user { name handle }
    feed(first: 10) {
      edges {
        cursor
        reason
        node {
          id
          text
          createdAt
          likeCount
          commentCount
          viewerHasLiked
          author { name handle }
          comments(first: 3) {
            nodes { text author { name } }
          }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`;

const POST = `# One post and its comments, oldest first.
# Give pageInfo.endCursor to comments(after:) for the
# next page, or to commentAdded(after:) to go on live.
query PostWithComments($postId: ID!) {
  post(id: $postId) {
    id
    text
    audience
    createdAt
    likeCount
    commentCount
    author { name handle }
    comments(first: 20, order: OLDEST) {
      edges {
        cursor
        node { id text createdAt author { name handle } }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
`;

const ADD_COMMENT = `# Adds a comment. What a person can put right comes
# back in userErrors: try an empty text.
# With a clientMutationId in the input a retry is safe:
# the same id gives the same answer, replayed: true.
mutation AddComment($input: AddCommentInput!) {
  addComment(input: $input) {
    commentEdge {
      cursor
      node { id text author { name } }
    }
    post { commentCount }
    userErrors { code message path }
    replayed
  }
}
`;

const COMMENT_ADDED = `# Every comment on the post as it is written.
# Start this, run AddComment in a second window and
# watch it arrive here. With after: "<cursor>" it first
# sends everything that was missed.
subscription CommentAdded($postId: ID!) {
  commentAdded(postId: $postId) {
    cursor
    node { id text createdAt author { name handle } }
  }
}
`;

/** The operations a first visit finds, each in a tab. They run as they stand when there is a sample post. */
export function exampleTabs(samplePostId: string | null): { query: string; variables?: string }[] {
  const postId = samplePostId ?? '';
  const time = new Date().toLocaleTimeString();
  return [
    { query: FEED },
    { query: POST, variables: variablesText({ postId }) },
    {
      query: ADD_COMMENT,
      variables: variablesText({ input: { postId, text: `Hello from the playground at ${time}` } }),
    },
    { query: COMMENT_ADDED, variables: variablesText({ postId }) },
  ];
}

function variablesText(variables: object): string {
  return JSON.stringify(variables, null, 2);
}
