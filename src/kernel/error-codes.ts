/** One entry of the catalogue of top-level error codes. */
export interface ErrorCodeEntry {
  readonly meaning: string;
  /** What an app does: never again unchanged, once more, after the time said, or after renewing its token. */
  readonly retry: 'no' | 'once' | 'later' | 'after sign-in';
}

/** Every code that `extensions.code` of a top-level error can have. New codes may be added, none is taken away. */
export const ERROR_CODES = {
  UNAUTHENTICATED: { meaning: 'No token where one is needed, or one that is refused.', retry: 'after sign-in' },
  NOT_FOUND: { meaning: 'There is nothing here, or nothing that you may see.', retry: 'no' },
  BAD_USER_INPUT: { meaning: 'An argument or variable is wrong; the message says which.', retry: 'no' },
  BAD_REQUEST: { meaning: 'The request is not GraphQL over HTTP, or not from a place that may send it.', retry: 'no' },
  GRAPHQL_PARSE_FAILED: { meaning: 'The document is not GraphQL.', retry: 'no' },
  GRAPHQL_VALIDATION_FAILED: { meaning: 'The document does not fit the schema.', retry: 'no' },
  OPERATION_RESOLUTION_FAILURE: { meaning: 'The operation to run is not named, or not in the document.', retry: 'no' },
  DOCUMENT_TOO_COMPLEX: {
    meaning: 'The document breaks a limit; the message says which and by how much.',
    retry: 'no',
  },
  DOCUMENT_NOT_REGISTERED: { meaning: 'This service runs registered documents only.', retry: 'no' },
  PERSISTED_QUERY_NOT_FOUND: {
    meaning: 'No document is known by this hash: send it once with its text.',
    retry: 'once',
  },
  METHOD_NOT_ALLOWED: { meaning: 'Mutations and subscriptions are not sent by GET.', retry: 'no' },
  UNSUPPORTED_MEDIA_TYPE: { meaning: 'Send application/json.', retry: 'no' },
  PAYLOAD_TOO_LARGE: { meaning: 'The request body or message is too large.', retry: 'no' },
  RESPONSE_TOO_LARGE: { meaning: 'The answer would be too large: ask for shorter pages.', retry: 'no' },
  REQUEST_TIMEOUT: { meaning: 'The request took too long to arrive.', retry: 'later' },
  DEADLINE_EXCEEDED: {
    meaning: 'The operation took too long and was ended. A mutation begun was finished.',
    retry: 'later',
  },
  RATE_LIMITED: { meaning: 'Too much too fast; retryAfterMs says when there is room again.', retry: 'later' },
  SERVICE_UNAVAILABLE: {
    meaning: 'A store is away, or the service is overloaded; nothing was changed.',
    retry: 'later',
  },
  INTERNAL: { meaning: 'A fault of ours; errorId finds it in the log.', retry: 'once' },
} as const satisfies Record<string, ErrorCodeEntry>;

export type RequestCode = keyof typeof ERROR_CODES;
