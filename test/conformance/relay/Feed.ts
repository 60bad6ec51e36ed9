import { graphql } from './tag';

/** The home screen: the viewer's feed, growing at its end as it is scrolled, without what the viewer deletes. */
export const query = graphql`
  query FeedQuery {
    viewer {
      ...Feed_viewer @arguments(count: 10)
    }
  }
`;

export const viewer = graphql`
  fragment Feed_viewer on Viewer
  @refetchable(queryName: "FeedPaginationQuery")
  @argumentDefinitions(
    count: { type: "Int", defaultValue: 20 }
    cursor: { type: "String" }
    kind: { type: "FeedKind", defaultValue: FOLLOWING }
  ) {
    feed(kind: $kind, first: $count, after: $cursor) @connection(key: "Feed_feed", filters: ["kind"]) {
      edges {
        reason
        node {
          id
          ...PostCard_post
        }
      }
    }
  }
`;

export const deletePost = graphql`
  mutation FeedDeletePostMutation($input: DeleteNodeInput!, $connections: [ID!]!) {
    deleteNode(input: $input) {
      deletedId @deleteEdge(connections: $connections)
      userErrors {
        ...Failure_error
      }
    }
  }
`;
