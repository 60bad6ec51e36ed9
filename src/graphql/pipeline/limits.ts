import {
  type DirectiveNode,
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Fragments, fragmentsOf } from './fragments';
import { refuseRequest } from './refusal';

/** How large one document may be. Fields, aliases and depth are counted with fragments expanded. */
export interface DocumentLimits {
  readonly tokens: number;
  readonly depth: number;
  /** Fields selected in all, however often a fragment brings them. */
  readonly fields: number;
  /** Aliased fields, and fields that repeat a response name in one selection. */
  readonly aliases: number;
  readonly rootFields: number;
  readonly directives: number;
  readonly fragments: number;
  readonly operations: number;
}

interface Size {
  readonly depth: number;
  readonly fields: number;
  readonly aliases: number;
  readonly rootFields: number;
}

/** Expanded counts grow exponentially with nested fragments; past this they are only known to be too many. */
const COUNT_MAX = 1_000_000;

/**
 * Refuses a document for its size alone, in time linear in its text, before validation, some of whose rules are not.
 * @throws Refusal DOCUMENT_TOO_COMPLEX naming the limit, what the document has, and what is allowed.
 */
export function checkDocumentLimits(document: DocumentNode, limits: DocumentLimits): void {
  const fragments = fragmentsOf(document);
  const operations: OperationDefinitionNode[] = [];
  let directives = 0;
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) {
      operations.push(definition);
      directives += countDirectives(definition);
      for (const variable of definition.variableDefinitions ?? []) directives += countDirectives(variable);
    }
  }
  atMost('fragments', document.definitions.length - operations.length, limits.fragments);
  atMost('operations', operations.length, limits.operations);
  const counter = new SizeCounter(fragments);
  const sizes = operations.map((operation) => counter.sizeOf(operation.selectionSet));
  // Fragments that no operation spreads are validated all the same.
  for (const fragment of fragments.values()) counter.sizeOfFragment(fragment.name.value);
  atMost('directives', directives + counter.directives, limits.directives);
  for (const size of [...sizes, ...counter.fragmentSizes()]) {
    atMost('depth', size.depth, limits.depth);
    atMost('fields', size.fields, limits.fields);
    atMost('aliases', size.aliases, limits.aliases);
  }
  for (const size of sizes) atMost('rootFields', size.rootFields, limits.rootFields);
}

const NAMES: Record<Exclude<keyof DocumentLimits, 'tokens'>, string> = {
  depth: 'levels of nesting',
  fields: 'fields, fragments expanded',
  aliases: 'aliases and repeated fields',
  rootFields: 'fields at the root',
  directives: 'directives',
  fragments: 'fragments',
  operations: 'operations',
};

function atMost(limit: keyof typeof NAMES, count: number, max: number): void {
  if (count <= max) return;
  const shown = count >= COUNT_MAX ? 'far too many' : String(count);
  throw refuseRequest('DOCUMENT_TOO_COMPLEX', `This document has ${shown} ${NAMES[limit]}; at most ${max} are taken.`);
}

function countDirectives({ directives }: { readonly directives?: readonly DirectiveNode[] | undefined }): number {
  return directives?.length ?? 0;
}

class SizeCounter {
  directives = 0;
  private readonly known = new Map<string, Size>();
  private readonly open = new Set<string>();

  constructor(private readonly fragments: Fragments) {}

  fragmentSizes(): Iterable<Size> {
    return this.known.values();
  }

  sizeOfFragment(name: string): Size {
    const known = this.known.get(name);
    const fragment = this.fragments.get(name);
    // A circle, or a spread of nothing: validation refuses either.
    if (known || !fragment || this.open.has(name)) return known ?? EMPTY;
    this.open.add(name);
    this.directives += countDirectives(fragment);
    const size = this.sizeOf(fragment.selectionSet);
    this.open.delete(name);
    this.known.set(name, size);
    return size;
  }

  sizeOf(selectionSet: SelectionSetNode): Size {
    return this.sizeOfSelections(selectionSet, new Set());
  }

  private sizeOfSelections({ selections }: SelectionSetNode, responseNames: Set<string>): Size {
    let depth = 0;
    let fields = 0;
    let aliases = 0;
    let rootFields = 0;
    for (const selection of selections) {
      this.directives += countDirectives(selection);
      let size: Size;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet ? this.sizeOf(selection.selectionSet) : EMPTY;
        const name = selection.alias?.value ?? selection.name.value;
        const repeats = selection.alias || responseNames.has(name) ? 1 : 0;
        responseNames.add(name);
        size = { depth: below.depth + 1, fields: below.fields + 1, aliases: below.aliases + repeats, rootFields: 1 };
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        size = this.sizeOfSelections(selection.selectionSet, responseNames);
      } else {
        size = this.sizeOfFragment(selection.name.value);
      }
      depth = Math.max(depth, size.depth);
      fields = Math.min(fields + size.fields, COUNT_MAX);
      aliases = Math.min(aliases + size.aliases, COUNT_MAX);
      rootFields = Math.min(rootFields + size.rootFields, COUNT_MAX);
    }
    return { depth, fields, aliases, rootFields };
  }
}

const EMPTY: Size = { depth: 0, fields: 0, aliases: 0, rootFields: 0 };
