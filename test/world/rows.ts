import { generateWorld, type WorldOptions, type WorldSize } from '../../src/world/generate';

export type Row = Record<string, string | number | boolean | null>;

export const NOW = Date.UTC(2026, 4, 20, 16, 30);

/** Large enough for a power law to show. */
export const MEDIUM: WorldSize = {
  users: 500,
  posts: 4_000,
  comments: 12_000,
  likes: 20_000,
  follows: 9_000,
  blocks: 25,
};

/** All rows of a small world by table. */
export function worldRows(size: WorldSize, options: Partial<WorldOptions> = {}): Record<string, Row[]> {
  const { tables } = generateWorld(size, { seed: 1, now: NOW, passwordHash: 'hash', ...options });
  return Object.fromEntries(
    tables.map((table) => [
      table.name,
      Array.from(
        table.rows(),
        (row) => Object.fromEntries(table.columns.map((column, i) => [column, row[i] ?? null])) as Row,
      ),
    ]),
  );
}

export function groupBy(rows: readonly Row[], column: string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = String(row[column]);
    const group = groups.get(key);
    if (group) group.push(row);
    else groups.set(key, [row]);
  }
  return groups;
}
