import type { Entity } from './entity';

/** Reads the rows of these ids from PostgreSQL; ids without a row are left out. */
export type ReadRows<Row> = (ids: readonly string[]) => Promise<readonly Row[]>;

/** The version in which a row was found, by a statement that asked for the viewer's rights. */
export interface Stamp {
  readonly id: string;
  readonly version: number;
}

/** Copies of whole rows that are the same for everybody. */
export interface EntityCopies {
  /** The copy in this process; null when it says that there is no such row, undefined when there is none. */
  peek<Row extends object>(entity: Entity<Row>, id: string): Row | null | undefined;
  /**
   * The rows of these ids, in their order; null where there is none. `read` runs once for each row, however many ask for
   * it at the same time. @throws what `read` throws.
   */
  getMany<Row extends object>(
    entity: Entity<Row>,
    ids: readonly string[],
    read: ReadRows<Row>,
  ): Promise<(Row | null)[]>;
  /**
   * The rows that a statement has just found visible, in the versions that it found. `visible` reads those that have
   * changed since, and asks for the viewer's rights again.
   */
  getVersions<Row extends Stamp>(
    entity: Entity<Row>,
    stamps: readonly Stamp[],
    read: ReadRows<Row>,
    visible: ReadRows<Row>,
  ): Promise<readonly Row[]>;
}
