import { graphql } from './tag';

/** A person's page: who they are, what they wrote, and who follows whom. */
export const query = graphql`
  query ProfileQuery($handle: String!) {
    userByHandle(handle: $handle) {
      ...Profile_user
      ...Profile_people @arguments(count: 50)
    }
  }
`;

export const user = graphql`
  fragment Profile_user on User
  @refetchable(queryName: "ProfilePostsPaginationQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) {
    name
    handle
    bio
    email
    private
    counts {
      posts
      followers
      following
    }
    posts(first: $count, after: $cursor) @connection(key: "Profile_posts") {
      edges {
        node {
          ...PostCard_post
        }
      }
    }
  }
`;

export const people = graphql`
  fragment Profile_people on User
  @refetchable(queryName: "ProfilePeopleQuery")
  @argumentDefinitions(count: { type: "Int", defaultValue: 20 }) {
    followers(first: $count) {
      nodes {
        handle
      }
    }
    following(first: $count) {
      nodes {
        handle
      }
    }
  }
`;

export const createPost = graphql`
  mutation ProfileCreatePostMutation($input: CreatePostInput!, $connections: [ID!]!) {
    createPost(input: $input) {
      postEdge @prependEdge(connections: $connections) {
        cursor
        node {
          ...PostCard_post
        }
      }
      userErrors {
        ...Failure_error
      }
      query {
        viewer {
          user {
            counts {
              posts
            }
          }
        }
      }
    }
  }
`;

export const relationship = graphql`
  mutation ProfileRelationshipMutation($input: SetRelationshipInput!) {
    setRelationship(input: $input) {
      user {
        relationship {
          following
          requested
          blocking
          muting
        }
        counts {
          followers
        }
      }
      userErrors {
        ...Failure_error
      }
    }
  }
`;
