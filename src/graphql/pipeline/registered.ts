import { readFileSync } from 'node:fs';
import { parse } from 'graphql';
import { hashDocument } from './documents';

export interface RegisteredDocument {
  readonly text: string;
  /** SHA-256 of the text, hex: taken once, so that no request has to. */
  readonly hash: string;
}

/** Documents that app builds have registered, by every id under which a client may ask for them. */
export type RegisteredDocuments = ReadonlyMap<string, RegisteredDocument>;

/** A manifest that cannot be used: names the file and what is wrong with it. */
export class ManifestError extends Error {
  constructor(file: string, fault: string) {
    super(`${file} ${fault.replace(/\.$/, '')}.`);
    this.name = 'ManifestError';
  }
}

/**
 * Reads manifests of registered documents. Each entry is found by the id that the manifest gives it and by the
 * SHA-256 of its text. Taken are: Relay's `persisted.json` and the client preset of graphql-codegen (`{ id: text }`),
 * Apollo's manifest (`{ format: "apollo-persisted-query-manifest", operations: [{ id, body }] }`), and plain JSON
 * (`[text]`, or `{ name: text }`).
 * @throws ManifestError
 */
export function loadManifests(files: readonly string[]): RegisteredDocuments {
  const documents = new Map<string, RegisteredDocument>();
  for (const file of files) {
    for (const [id, text] of entriesOf(file)) {
      checkEntry(file, id, text);
      const document = { text, hash: hashDocument(text) };
      for (const name of [id.replace(/^sha256:/, ''), document.hash]) documents.set(name, document);
    }
  }
  return documents;
}

function checkEntry(file: string, id: string, text: unknown): asserts text is string {
  if (typeof text !== 'string' || text.trim() === '') {
    throw new ManifestError(file, `has the entry ${id}, which is no document`);
  }
  try {
    parse(text);
  } catch (error) {
    throw new ManifestError(file, `has the entry ${id}, which is no document: ${(error as Error).message}`);
  }
}

function entriesOf(file: string): [string, unknown][] {
  const manifest = readJson(file);
  if (Array.isArray(manifest)) return manifest.map((text, index) => [String(index), text]);
  if (typeof manifest !== 'object' || manifest === null) {
    throw new ManifestError(file, 'is no manifest of documents: it holds neither an object nor a list');
  }
  if (!('format' in manifest)) return Object.entries(manifest);
  const { format, operations } = manifest as { format: unknown; operations?: unknown };
  if (format !== 'apollo-persisted-query-manifest' || !Array.isArray(operations)) {
    throw new ManifestError(file, `has the format ${JSON.stringify(format)}, which is not known`);
  }
  return operations.map((operation: { id?: unknown; body?: unknown } | null, index) => {
    if (typeof operation?.id === 'string') return [operation.id, operation.body];
    throw new ManifestError(file, `has the entry ${index}, which has no id`);
  });
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ManifestError(file, `cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new ManifestError(file, `is not JSON: ${(error as Error).message}`);
  }
}
