import { type DocumentNode, type FragmentDefinitionNode, Kind } from 'graphql';

export type Fragments = ReadonlyMap<string, FragmentDefinitionNode>;

const known = new WeakMap<DocumentNode, Fragments>();

/** The fragments of a document by their names; looked for once, however many checks and answers ask. */
export function fragmentsOf(document: DocumentNode): Fragments {
  let fragments = known.get(document);
  if (!fragments) {
    const definitions = document.definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? each : []));
    fragments = new Map(definitions.map((each) => [each.name.value, each]));
    known.set(document, fragments);
  }
  return fragments;
}
