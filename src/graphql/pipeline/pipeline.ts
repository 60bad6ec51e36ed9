import {
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
} from 'graphql';
import { runsAfterEnd } from './after-end';
import { type Attempt, findAttempts } from './attempts';
import type { AutomaticDocuments } from './automatic';
import { findBrokenText } from './broken-text';
import { COST_MIN, type OperationCost } from './cost';
import { Documents, type DocumentsOptions, hashDocument, type KnownDocument } from './documents';
import { Estimates } from './estimates';
import { Refusal, refuseRequest, shorten } from './refusal';
import type { RegisteredDocuments } from './registered';
import type { OperationRequest } from './request';

/**
 * Which documents are run. `open`: any. `prefer`: any, and those not registered are logged. `only`: registered ones.
 */
export type DocumentPolicy = 'open' | 'prefer' | 'only';

export interface PipelineOptions extends DocumentsOptions {
  readonly schema: GraphQLSchema;
  readonly policy: DocumentPolicy;
  readonly registered: RegisteredDocuments;
  readonly automatic: AutomaticDocuments;
  readonly costMax: number;
  readonly statementsMax: number;
  /** Whether rows may be taken from copies, so that what is missing among them costs statements. */
  readonly copies: boolean;
  /** Called in `prefer` for each document that is not registered. */
  readonly onUnregistered: (operationName: string | null, hash: string) => void;
}

/** An operation that may be run. */
export interface PreparedOperation extends KnownDocument {
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  /** As sent. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** As the operation declares them. */
  readonly coerced: Readonly<Record<string, unknown>>;
  readonly estimate: OperationCost;
  /** Units to be taken for it before it runs. */
  readonly price: number;
  /** Units of those that it uses in any case: its text is to be kept. */
  readonly fee: number;
  /** It was sent to be kept, once it has been paid for. */
  readonly keeps: boolean;
  readonly attempts: readonly Attempt[];
  /** It may be run also for a session that has ended. */
  readonly afterEnd: boolean;
}

/**
 * From what a client sent to an operation that may be run: registered document or text, parse, limits, validation,
 * variables, cost. Every transport goes through it and gets the same verdict with the same code, before any SQL runs.
 */
export class RequestPipeline {
  readonly documents: Documents;
  private readonly estimates: Estimates;

  constructor(private readonly options: PipelineOptions) {
    this.documents = new Documents(options);
    this.estimates = new Estimates(options.schema, options.copies);
  }

  /**
   * The registered documents that will be refused whenever they are asked for, each with its first fault. Of an old app
   * there can be some: what they read is gone from the schema. The others are parsed and checked from here on.
   */
  findBrokenRegistered(): { readonly hash: string; readonly fault: string }[] {
    const { registered } = this.options;
    const documents = new Map([...registered.values()].map(({ hash, text }) => [hash, text]));
    return [...documents].flatMap(([hash, text]) => {
      try {
        this.documents.check(text, hash);
        return [];
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return [{ hash, fault: error.errors[0]?.message ?? error.message }];
      }
    });
  }

  /** @throws Refusal with messages and codes for the client. */
  async prepare(request: OperationRequest): Promise<PreparedOperation> {
    const { known, keeps } = await this.findDocument(request);
    const operation = getOperationAST(known.document, request.operationName);
    if (!operation) {
      const names = known.document.definitions.flatMap((each) =>
        each.kind === Kind.OPERATION_DEFINITION && each.name ? [each.name.value] : [],
      );
      const remedy = `Send "operationName": one of ${names.join(', ') || 'the operations of the document'}.`;
      throw refuseRequest('OPERATION_RESOLUTION_FAILURE', remedy);
    }
    // Here rather than behind the gate: what is not run takes no budget and counts as no attempt.
    if (request.readOnly && operation.operation === 'mutation') {
      throw refuseRequest('METHOD_NOT_ALLOWED', 'Send mutations by POST.', { status: 405 });
    }
    const { variables } = request;
    const coerced = this.checkVariables(operation, variables);
    const estimate = this.checkCost(known, operation, coerced);
    const operationName = operation.name?.value ?? null;
    const attempts = findAttempts(this.options.schema, known.document, operation, coerced);
    const afterEnd = runsAfterEnd(this.options.schema, operation);
    const fee = keeps ? this.options.automatic.priceOf(known.hash, known.text) : 0;
    // However long its text is, it needs no more than every budget has room for.
    const price = Math.min(Math.max(COST_MIN, estimate.cost) + fee, this.options.costMax);
    const { hash, text, document, asked } = known;
    // Property by property: spreading two objects into a third takes V8 longer than all that stands above.
    return {
      hash,
      text,
      document,
      asked,
      operation,
      operationName,
      variables,
      coerced,
      estimate,
      price,
      fee,
      keeps,
      attempts,
      afterEnd,
    };
  }

  /** Keeps the text of an operation that was sent for that; called when it has been paid for. */
  keep({ keeps, hash, text }: PreparedOperation): void {
    if (keeps) this.options.automatic.keep(hash, text);
  }

  private async findDocument(request: OperationRequest): Promise<{ known: KnownDocument; keeps: boolean }> {
    const { query, documentId } = request;
    const { policy, registered, automatic } = this.options;
    const hash = query === null ? null : this.documents.hashOf(query);
    const id = documentId ?? hash;
    const known = id === null ? undefined : registered.get(id);
    if (known) return { known: this.documents.check(known.text, known.hash), keeps: false };
    if (policy === 'only') {
      throw refuseRequest(
        'DOCUMENT_NOT_REGISTERED',
        'This service runs registered documents only; this is none of them.',
      );
    }
    if (query !== null && hash !== null) {
      if (request.automatic && documentId !== hash) {
        throw refuseRequest('BAD_REQUEST', 'The hash in extensions.persistedQuery is not that of the document sent.');
      }
      const checked = this.documents.check(query, hash);
      if (policy === 'prefer') this.options.onUnregistered(request.operationName, hash);
      return { known: checked, keeps: request.automatic };
    }
    const cached = id === null ? undefined : this.documents.find(id);
    if (cached) return { known: cached, keeps: false };
    const text = id === null ? null : await automatic.find(id);
    if (text !== null && hashDocument(text) === id) return { known: this.documents.check(text, id), keeps: false };
    if (request.automatic) throw refuseRequest('PERSISTED_QUERY_NOT_FOUND', 'PersistedQueryNotFound', { status: 200 });
    throw refuseRequest('DOCUMENT_NOT_REGISTERED', 'No document has this id here. Register it, or send its text.');
  }

  private checkVariables(operation: OperationDefinitionNode, sent: Readonly<Record<string, unknown>>) {
    const broken = findBrokenText(sent);
    if (broken) {
      const what = 'holds a NUL or half of a surrogate pair, which is not text.';
      throw refuseRequest('BAD_USER_INPUT', `The string at ${broken} ${what}`);
    }
    const definitions = operation.variableDefinitions ?? [];
    if (definitions.length === 0) return NO_VARIABLES;
    const options = { maxErrors: ERRORS_MAX, hideSuggestions: !this.options.introspection };
    const { coerced, errors } = getVariableValues(this.options.schema, definitions, sent, options);
    if (coerced) return coerced;
    throw new Refusal(errors.map((error) => new GraphQLError(shorten(error.message), { extensions: BAD_INPUT })));
  }

  private checkCost(
    { document }: KnownDocument,
    operation: OperationDefinitionNode,
    variables: Readonly<Record<string, unknown>>,
  ): OperationCost {
    const { costMax, statementsMax } = this.options;
    const estimate = this.estimates.of(document, operation, variables);
    const tooMuch = (what: string, count: number, max: number, remedy: string) =>
      refuseRequest('DOCUMENT_TOO_COMPLEX', `This operation can ${what} ${count}; at most ${max} are taken. ${remedy}`);
    if (estimate.cost > costMax) {
      throw tooMuch('cost', estimate.cost, costMax, 'Ask for shorter pages or fewer nested lists.');
    }
    if (estimate.statements > statementsMax) {
      throw tooMuch(
        'read through batches numbering',
        estimate.statements,
        statementsMax,
        'Ask for fewer different lists.',
      );
    }
    return estimate;
  }
}

const ERRORS_MAX = 5;
const NO_VARIABLES: Readonly<Record<string, unknown>> = Object.freeze({});
const BAD_INPUT = { code: 'BAD_USER_INPUT' };
