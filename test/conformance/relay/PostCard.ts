import { graphql } from './tag';

/** One post in any list, and what can be done to it there. */
export const post = graphql`
  fragment PostCard_post on Post @refetchable(queryName: "PostCardRefetchQuery") {
    text
    audience
    likeCount
    commentCount
    viewerHasLiked
    createdAt
    version
    author {
      name
      handle
      relationship {
        following
        muting
      }
    }
  }
`;

export const like = graphql`
  mutation PostCardLikeMutation($input: SetPostLikedInput!) @raw_response_type {
    setPostLiked(input: $input) {
      post {
        viewerHasLiked
        likeCount
      }
      userErrors {
        ...Failure_error
      }
    }
  }
`;

export const edit = graphql`
  mutation PostCardEditMutation($input: UpdatePostInput!) {
    updatePost(input: $input) {
      post {
        ...PostCard_post
      }
      userErrors {
        ...Failure_error
        ... on ConflictError {
          currentVersion
          current {
            id
            ...PostCard_post @alias(as: "post")
          }
        }
      }
    }
  }
`;

export const remove = graphql`
  mutation PostCardDeleteMutation($input: DeleteNodeInput!) {
    deleteNode(input: $input) {
      deletedId @deleteRecord
    }
  }
`;
