import { CELLS, type Cell } from './rights';

/** One answer per cell of the matrix, named so that a difference reads as a sentence. */
export type ByCell<Seen> = Record<string, Seen>;

/** Asks for every cell, all at once. */
export async function askEveryCell<Seen>(
  ask: (cell: Cell) => Promise<Seen>,
  cells: readonly Cell[] = CELLS,
): Promise<ByCell<Seen>> {
  const answers = await Promise.all(cells.map(async (cell) => [nameOf(cell), await ask(cell)] as const));
  return Object.fromEntries(answers);
}

/** What the rights make of every cell. */
export function everyCell<Seen>(seen: (cell: Cell) => Seen, cells: readonly Cell[] = CELLS): ByCell<Seen> {
  return Object.fromEntries(cells.map((cell) => [nameOf(cell), seen(cell)]));
}

function nameOf({ role, account }: Cell): string {
  return `${role} before a ${account} account`;
}
