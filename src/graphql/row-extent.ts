import type { Extent } from '../platform/postgres/mapping';
import type { LoaderContext } from './loader-scope';

/** Which fields of the schema read a property of a row, each named as `Type.field`. */
export type ReadBy<Row> = { readonly [Property in keyof Row & string]?: readonly string[] };

/**
 * How much of a type's rows an operation reads. The module that owns the type declares the properties that nothing reads
 * but a few fields: where a document asks for none of these, the statements of its loaders and lists leave all of these
 * properties out. There are two extents and no more, so that the texts of statements stay few.
 *
 * Whole rows are read where copies of rows are kept, where it is not known what is asked, and by all that takes no
 * extent: services, tasks, exports, live sources.
 */
export class RowExtent<Row extends object> {
  /** What a row of extent `part` lacks. */
  readonly inWholeOnly: readonly (keyof Row & string)[];
  private readonly readers: Set<string>;

  constructor(readBy: ReadBy<Row>) {
    this.inWholeOnly = Object.keys(readBy) as (keyof Row & string)[];
    this.readers = new Set(Object.values<readonly string[] | undefined>(readBy).flatMap((fields) => fields ?? []));
  }

  /** Says that a field of a later module reads one of those properties as well. */
  alsoReadBy(field: string): void {
    this.readers.add(field);
  }

  of(context: LoaderContext): Extent {
    if (context.cache) return 'whole';
    for (const field of this.readers) if (!context.leavesOut(field)) return 'whole';
    return 'part';
  }
}
