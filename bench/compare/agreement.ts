/** Before anything is measured: every server gives the answers of the limit, and how many statements each takes. */
import { isDeepStrictEqual } from 'node:util';
import type { Case } from './cases';
import { startServer } from './child';
import type { Read, Sent } from './reads';
import { READS } from './reads';
import type { ServerKind, Surroundings } from './servers';
import { startStatementCounter } from './statement-counter';

/** Answers that are compared for each read. */
const COMPARED = 40;
/** Before them, requests that open connections and prepare statements. */
const WARMING = 12;

export type Answers = ReadonlyMap<Read, readonly unknown[]>;

export interface Checked {
  readonly answers: Answers;
  readonly statements: Readonly<Record<Read, number>>;
}

/** @throws with the first answer that is not that of `expected`. */
export async function checkServer(
  kind: ServerKind,
  surroundings: Surroundings,
  cases: readonly Case[],
  expected: Answers | null,
): Promise<Checked> {
  const counter = await startStatementCounter(surroundings.databaseUrl);
  const server = await startServer(
    `${kind.name} checked`,
    kind.command({ ...surroundings, databaseUrl: counter.databaseUrl }),
  );
  try {
    const answers = new Map<Read, unknown[]>();
    const statements: Record<Read, number> = { post: 0, feed: 0, profile: 0 };
    for (const read of READS) {
      const compared = cases.slice(0, COMPARED);
      for (const one of compared.slice(0, WARMING)) await ask(server.url, kind.dialect.ask(read, one));
      const counts: number[] = [];
      const understood: unknown[] = [];
      for (const one of compared) {
        const before = counter.count();
        const answer = await ask(server.url, kind.dialect.ask(read, one));
        counts.push(counter.count() - before);
        understood.push(kind.dialect.understand(read, answer));
      }
      statements[read] = median(counts);
      answers.set(read, understood);
      const given = expected?.get(read) ?? understood;
      const odd = understood.findIndex((answer, n) => !isDeepStrictEqual(answer, given[n]));
      if (odd >= 0) throw new Error(disagreement(kind.name, read, understood[odd], given[odd]));
    }
    return { answers, statements };
  } finally {
    await server.stop();
    await counter.stop();
  }
}

export async function ask(url: string, { method, path, headers, body }: Sent): Promise<unknown> {
  const response = await fetch(`${url}${path}`, { method, headers, body });
  if (response.status !== 200) throw new Error(`${url}${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

function disagreement(name: string, read: Read, answer: unknown, expected: unknown): string {
  const [given, wanted] = [JSON.stringify(answer), JSON.stringify(expected)];
  const at = [...wanted].findIndex((character, n) => character !== given[n]);
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 120);
  return `${name} does not agree on ${read}:\n  ${around(given)}\nwhere the limit has\n  ${around(wanted)}`;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? (sorted[middle] ?? 0) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2;
}
