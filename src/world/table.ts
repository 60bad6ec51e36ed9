export type CellValue = string | number | boolean | null;

/** The rows of one table. */
export interface WorldTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rowCount: number;
  /** Makes the rows anew at each call, in the order of the table's primary key where that is cheap. */
  rows(): Generator<readonly CellValue[]>;
}
