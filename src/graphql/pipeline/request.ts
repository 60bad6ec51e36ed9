import { refuseRequest } from './refusal';

/** An operation as a client sent it, by whatever transport, before anything of it is believed. */
export interface OperationRequest {
  /** The text of the document; null when only its id was sent. */
  readonly query: string | null;
  /** The id of a registered or automatically persisted document. */
  readonly documentId: string | null;
  /** `extensions.persistedQuery` was sent: an unknown hash is answered in a way that makes clients send the text. */
  readonly automatic: boolean;
  readonly operationName: string | null;
  readonly variables: Readonly<Record<string, unknown>>;
  /** It came by a method that changes nothing (RFC 9110 §9.2.1), which any page can make a browser send. */
  readonly readOnly: boolean;
}

const DOCUMENT_ID = /^(?:sha256:)?([\w-]{1,128})$/;
const QUERY_LENGTH_MAX = 1_000_000;

/**
 * Reads the forms in which clients send operations: the text; `extensions.persistedQuery.sha256Hash` (Apollo, urql);
 * `documentId` (GraphQL over HTTP, appendix on persisted documents); `id` or `doc_id` (Relay).
 * @throws Refusal BAD_REQUEST naming what is wrong.
 */
export function readOperationRequest(body: unknown): OperationRequest {
  if (Array.isArray(body)) throw refuseRequest('BAD_REQUEST', 'Send one operation a request; batches are not taken.');
  if (typeof body !== 'object' || body === null) {
    throw refuseRequest('BAD_REQUEST', 'Send a JSON object with "query" or "documentId".');
  }
  const fields = body as Record<string, unknown>;
  const extensions = optionalObject(fields, 'extensions');
  const persisted = extensions?.['persistedQuery'];
  const sent = {
    query: optionalString(fields, 'query'),
    documentId: readPersisted(persisted) ?? readDocumentId(fields),
    automatic: persisted !== undefined && persisted !== null,
    operationName: optionalString(fields, 'operationName'),
    variables: optionalObject(fields, 'variables') ?? {},
    readOnly: false,
  };
  if (!sent.query && !sent.documentId) {
    throw refuseRequest('BAD_REQUEST', 'Send the document as the string "query", or its id as "documentId".');
  }
  if (sent.query && sent.query.length > QUERY_LENGTH_MAX) {
    throw refuseRequest('PAYLOAD_TOO_LARGE', 'The document is too large.', { status: 413 });
  }
  return { ...sent, query: sent.query || null };
}

/** As `readOperationRequest`, from a query string, where objects are JSON text. */
export function readOperationParameters(parameters: Readonly<Record<string, unknown>>): OperationRequest {
  const sent = readOperationRequest({
    ...parameters,
    variables: parseParameter(parameters, 'variables'),
    extensions: parseParameter(parameters, 'extensions'),
  });
  return { ...sent, readOnly: true };
}

function readPersisted(persisted: unknown): string | null {
  if (persisted === undefined || persisted === null) return null;
  const { version, sha256Hash } = persisted as { version?: unknown; sha256Hash?: unknown };
  if (version !== 1 || typeof sha256Hash !== 'string' || !/^[0-9a-f]{64}$/i.test(sha256Hash)) {
    throw refuseRequest('BAD_REQUEST', 'Send extensions.persistedQuery as { "version": 1, "sha256Hash": "<hex>" }.');
  }
  return sha256Hash.toLowerCase();
}

function readDocumentId(fields: Record<string, unknown>): string | null {
  const id = optionalString(fields, 'documentId') ?? optionalString(fields, 'doc_id') ?? optionalString(fields, 'id');
  if (id === null) return null;
  const match = DOCUMENT_ID.exec(id);
  if (!match?.[1]) throw refuseRequest('BAD_REQUEST', 'This is not the id of a document.');
  return match[1];
}

function optionalString(fields: Record<string, unknown>, name: string): string | null {
  const value = fields[name] ?? null;
  if (value !== null && typeof value !== 'string') throw refuseRequest('BAD_REQUEST', `"${name}" must be a string.`);
  return value;
}

function optionalObject(fields: Record<string, unknown>, name: string): Record<string, unknown> | null {
  const value = fields[name] ?? null;
  if (value !== null && (typeof value !== 'object' || Array.isArray(value))) {
    throw refuseRequest('BAD_REQUEST', `"${name}" must be an object.`);
  }
  return value as Record<string, unknown> | null;
}

function parseParameter(parameters: Readonly<Record<string, unknown>>, name: string): unknown {
  const text = parameters[name];
  if (text === undefined || text === '') return null;
  if (typeof text !== 'string') throw refuseRequest('BAD_REQUEST', `"${name}" was sent twice.`);
  try {
    return JSON.parse(text);
  } catch {
    throw refuseRequest('BAD_REQUEST', `"${name}" is not JSON.`);
  }
}
