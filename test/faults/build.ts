import { readFileSync } from 'node:fs';
import path from 'node:path';

/** The folder of this repository, also where this file runs compiled. */
export const ROOT = path.join(__dirname, '..', '..').replace(/\/dist$/, '');
const schema = readFileSync(path.join(ROOT, 'schema.graphql'), 'utf8');

/** What the build at hand has of what a run exercises; what it has not is left out, and the report says so. */
export const HAS_MESSAGES = /\bmessageAdded\(/.test(schema);
export const HAS_STREAM = /\bstream\(/.test(schema) && /\bsync\(/.test(schema);
