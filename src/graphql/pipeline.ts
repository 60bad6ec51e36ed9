import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';

/** What clients send, by whatever transport. */
export interface OperationRequest {
  readonly query?: unknown;
  readonly operationName?: unknown;
  readonly variables?: unknown;
}

export interface PreparedOperation {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variables: Record<string, unknown>;
}

export interface PipelineOptions {
  readonly schema: GraphQLSchema;
  /** Lexical tokens of one document. */
  readonly tokensMax: number;
}

/** PostgreSQL has no NUL in text, and a lone surrogate is no character: neither can be stored or given back. */
const NOT_TEXT = /\0|\p{Cs}/u;
/** Names of a path in a message; a body can nest thousands. */
const PATH_SHOWN_MAX = 8;
const NOT_TEXT_MESSAGE = 'holds a NUL or half of a surrogate pair, which is not text.';

const refuseBrokenText: ValidationRule = (context) => ({
  StringValue(node) {
    if (NOT_TEXT.test(node.value)) {
      const error = `A string in this document ${NOT_TEXT_MESSAGE}`;
      context.reportError(new GraphQLError(error, { nodes: node, extensions: { code: 'BAD_USER_INPUT' } }));
    }
  },
});

/** The rules beyond the specification's own; every transport applies them. */
export const PORTICO_RULES: readonly ValidationRule[] = [refuseBrokenText];

/**
 * From what a client sent to an operation that may be executed. Every transport goes through the same limits and rules
 * and gets the same codes.
 * @throws GraphQLError[] (as an array) with codes, when the request must be refused.
 */
export function prepareOperation(request: OperationRequest, options: PipelineOptions): PreparedOperation {
  const { query, operationName = null, variables } = request;
  if (typeof query !== 'string' || query === '')
    throw [coded('Send the document as the string "query".', 'BAD_REQUEST')];
  if (operationName !== null && typeof operationName !== 'string') {
    throw [coded('"operationName" must be a string.', 'BAD_REQUEST')];
  }
  if (variables != null && (typeof variables !== 'object' || Array.isArray(variables))) {
    throw [coded('"variables" must be an object.', 'BAD_REQUEST')];
  }
  const document = parseDocument(query, options.tokensMax);
  const errors = validate(options.schema, document, [...specifiedRules, ...PORTICO_RULES]);
  if (errors.length > 0) throw errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED'));
  const operation = getOperationAST(document, operationName);
  if (!operation) {
    throw [coded('Name one of the operations of this document in "operationName".', 'OPERATION_RESOLUTION_FAILURE')];
  }
  checkVariables(variables);
  return {
    document,
    operation,
    operationName: operation.name?.value ?? null,
    variables: { ...(variables as object | null) },
  };
}

/** @throws GraphQLError BAD_USER_INPUT naming the path of a string that is not text. */
export function checkVariables(variables: unknown): void {
  const path = findBrokenText(variables);
  if (path) {
    const place = path.length > PATH_SHOWN_MAX ? `${path.slice(0, PATH_SHOWN_MAX).join('.')}…` : path.join('.');
    throw new GraphQLError(`The string at ${place} ${NOT_TEXT_MESSAGE}`, {
      // Apollo Server answers 500 for what a plugin throws, unless told otherwise.
      extensions: { code: 'BAD_USER_INPUT', http: { status: 400 } },
    });
  }
}

interface Visit {
  readonly name: string;
  readonly value: unknown;
  readonly parent: Visit | null;
}

/** Goes without recursion: a body can nest deeper than the stack. */
function findBrokenText(variables: unknown): string[] | null {
  const waiting: Visit[] = [{ name: 'variables', value: variables, parent: null }];
  for (let visit = waiting.pop(); visit; visit = waiting.pop()) {
    const { name, value, parent } = visit;
    if (NOT_TEXT.test(name)) return pathOf(parent);
    if (typeof value === 'string' && NOT_TEXT.test(value)) return pathOf(visit);
    if (typeof value !== 'object' || value === null) continue;
    for (const [field, inside] of Object.entries(value)) waiting.push({ name: field, value: inside, parent: visit });
  }
  return null;
}

function pathOf(visit: Visit | null): string[] {
  const path: string[] = [];
  for (let at = visit; at; at = at.parent) path.push(at.name);
  return path.reverse();
}

function parseDocument(query: string, maxTokens: number): DocumentNode {
  try {
    return parse(query, { maxTokens });
  } catch (error) {
    throw [withCode(error as GraphQLError, 'GRAPHQL_PARSE_FAILED')];
  }
}

function coded(message: string, code: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code } });
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions['code']) return error;
  return new GraphQLError(error.message, { ...error, source: error.source, extensions: { ...error.extensions, code } });
}
