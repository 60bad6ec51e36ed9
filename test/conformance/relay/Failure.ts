import { graphql } from './tag';

/** What a screen shows when a mutation was refused, of whichever kind the error is. */
export const error = graphql`
  fragment Failure_error on UserError {
    __typename
    code
    message
    path
    ... on HandleTakenError {
      suggestions
    }
    ... on ConflictError {
      currentVersion
    }
  }
`;
