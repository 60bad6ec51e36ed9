import { graphql } from './tag';

/** One post with its comments, oldest first, live. */
export const query = graphql`
  query ThreadQuery($postId: ID!) {
    node(id: $postId) {
      __typename
      id
      ... on Post {
        ...PostCard_post @alias(as: "card")
        ...Thread_post @arguments(order: OLDEST) @alias(as: "comments")
      }
    }
  }
`;

export const post = graphql`
  fragment Thread_post on Post
  @refetchable(queryName: "ThreadPaginationQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
    order: { type: "CommentOrder", defaultValue: OLDEST }
  ) {
    comments(first: $count, after: $cursor, order: $order) @connection(key: "Thread_comments", filters: ["order"]) {
      edges {
        node {
          id
          ...Thread_comment
        }
      }
    }
  }
`;

export const comment = graphql`
  fragment Thread_comment on Comment {
    text
    createdAt
    version
    author {
      name
      handle
    }
  }
`;

export const addComment = graphql`
  mutation ThreadAddCommentMutation($input: AddCommentInput!, $connections: [ID!]!) {
    addComment(input: $input) {
      commentEdge @appendEdge(connections: $connections) {
        cursor
        node {
          ...Thread_comment
        }
      }
      post {
        commentCount
      }
      userErrors {
        ...Failure_error
      }
    }
  }
`;

export const deleteComment = graphql`
  mutation ThreadDeleteCommentMutation($input: DeleteNodeInput!, $connections: [ID!]!) {
    deleteNode(input: $input) {
      deletedId @deleteRecord
      deletedEdgeOf: deletedId @deleteEdge(connections: $connections)
      userErrors {
        ...Failure_error
      }
    }
  }
`;

export const commentAdded = graphql`
  subscription ThreadCommentAddedSubscription($postId: ID!, $after: String, $connections: [ID!]!) {
    commentAdded(postId: $postId, after: $after) @appendEdge(connections: $connections) {
      cursor
      node {
        ...Thread_comment
        post {
          commentCount
        }
      }
    }
  }
`;
