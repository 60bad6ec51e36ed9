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
import { BadInput } from '../kernel/errors';

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
  const path = findBrokenText(variables, ['variables']);
  if (path) {
    const { message } = new BadInput(`The string at ${path.join('.')} ${NOT_TEXT_MESSAGE}`);
    throw coded(message, 'BAD_USER_INPUT');
  }
}

function findBrokenText(value: unknown, path: (string | number)[]): (string | number)[] | null {
  if (typeof value === 'string') return NOT_TEXT.test(value) ? path : null;
  if (typeof value !== 'object' || value === null) return null;
  for (const [name, field] of Object.entries(value)) {
    const broken = NOT_TEXT.test(name) ? path : findBrokenText(field, [...path, name]);
    if (broken) return broken;
  }
  return null;
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
