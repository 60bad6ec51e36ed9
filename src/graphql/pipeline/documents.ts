import { hash } from 'node:crypto';
import {
  type DocumentNode,
  GraphQLError,
  type GraphQLSchema,
  NoSchemaIntrospectionCustomRule,
  parse,
  specifiedRules,
  type ValidationRule,
  validate,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { askedIn } from './asked';
import { BROKEN_TEXT } from './broken-text';
import { checkDocumentLimits, type DocumentLimits } from './limits';
import { Refusal, refuseRequest, shorten } from './refusal';

/** A document that has passed every check that does not need variables. */
export interface KnownDocument {
  /** SHA-256 of the text, hex. */
  readonly hash: string;
  readonly text: string;
  readonly document: DocumentNode;
  /** The fields it asks for, as `Type.field`. */
  readonly asked: ReadonlySet<string>;
}

export interface DocumentsOptions {
  readonly schema: GraphQLSchema;
  readonly limits: DocumentLimits;
  /** Whether clients may read the schema, and are told of names like the one they mistyped. */
  readonly introspection: boolean;
  /** Characters of document text kept parsed. */
  readonly cacheCharacters: number;
}

/** A client mends one error at a time, and each costs as much as a small answer. */
const ERRORS_MAX = 5;
/** One argument sent 900 times stands in 900 places. */
const LOCATIONS_MAX = 2;
/** graphql-js has no code for it. */
const TOO_MANY_TOKENS = /^Syntax Error: Document contains more tha[tn] \d+ tokens/;

const refuseBrokenText: ValidationRule = (context) => ({
  StringValue(node) {
    if (!BROKEN_TEXT.test(node.value)) return;
    const message = 'A string in this document holds a NUL or half of a surrogate pair, which is not text.';
    context.reportError(new GraphQLError(message, { nodes: node, extensions: { code: 'BAD_USER_INPUT' } }));
  },
});

/** Turns texts into checked documents. Known ones come from a bounded cache and cost a hash and a look-up. */
export class Documents {
  private readonly cache: LRUCache<string, KnownDocument>;
  /** Of the documents in the cache, by their texts. */
  private readonly hashes = new Map<string, string>();
  private readonly rules: readonly ValidationRule[];

  constructor(private readonly options: DocumentsOptions) {
    this.cache = new LRUCache({
      maxSize: options.cacheCharacters,
      sizeCalculation: ({ text }) => Math.max(text.length, 1),
      dispose: ({ text }) => this.hashes.delete(text),
    });
    this.rules = [
      ...specifiedRules,
      refuseBrokenText,
      ...(options.introspection ? [] : [NoSchemaIntrospectionCustomRule]),
    ];
  }

  /**
   * Limits first, then validation, whose cost they bound.
   * @throws Refusal GRAPHQL_PARSE_FAILED, DOCUMENT_TOO_COMPLEX, GRAPHQL_VALIDATION_FAILED or BAD_USER_INPUT.
   */
  check(text: string, hash = hashDocument(text)): KnownDocument {
    const known = this.cache.get(hash);
    if (known) return known;
    const document = this.parse(text);
    checkDocumentLimits(document, this.options.limits);
    const { schema, introspection } = this.options;
    const options = { maxErrors: ERRORS_MAX, hideSuggestions: !introspection };
    const errors = validate(schema, document, this.rules, options);
    if (errors.length > 0) throw new Refusal(errors.map((error) => withCode(error, 'GRAPHQL_VALIDATION_FAILED')));
    const checked = { hash, text, document, asked: askedIn(schema, document) };
    this.cache.set(hash, checked);
    if (this.cache.has(hash)) this.hashes.set(text, hash);
    return checked;
  }

  /** A document checked before, by hash; undefined when it is not known any more. */
  find(hash: string): KnownDocument | undefined {
    return this.cache.get(hash);
  }

  /** The hash of a text, which is not reckoned again for one that is known. */
  hashOf(text: string): string {
    return this.hashes.get(text) ?? hashDocument(text);
  }

  private parse(text: string): DocumentNode {
    try {
      return parse(text, { maxTokens: this.options.limits.tokens });
    } catch (error) {
      // The parser recurses: within the tokens allowed, brackets can still nest deeper than the stack.
      if (error instanceof RangeError)
        throw refuseRequest('DOCUMENT_TOO_COMPLEX', 'This document nests far too deeply.');
      const syntax = error as GraphQLError;
      if (TOO_MANY_TOKENS.test(syntax.message)) {
        const { tokens } = this.options.limits;
        throw refuseRequest('DOCUMENT_TOO_COMPLEX', `This document has more than ${tokens} tokens; no more are taken.`);
      }
      throw new Refusal([withCode(syntax, 'GRAPHQL_PARSE_FAILED')]);
    }
  }
}

export function hashDocument(text: string): string {
  return hash('sha256', text, 'hex');
}

function withCode(error: GraphQLError, code: string): GraphQLError {
  if (error.extensions['code']) return error;
  const { source } = error;
  const positions = error.positions?.slice(0, LOCATIONS_MAX);
  return new GraphQLError(shorten(error.message), { source, positions, extensions: { code } });
}
