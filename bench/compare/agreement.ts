/** Before anything is measured: every server gives the answers of the limit, and how many statements each takes. */
import { isDeepStrictEqual } from 'node:util';
import type { Case } from './cases';
import { startServer } from './child';
import { median } from './median';
import type { Read, Sent } from './reads';
import { READS } from './reads';
import type { ServerKind, Surroundings } from './servers';
import { startStatementCounter } from './statement-counter';

/** Answers that are compared for each read. */
const COMPARED = 40;
/** Before them, the same so many times, so that statements are prepared and what can be kept is kept. */
const WARM_UPS = 2;

export type Answers = ReadonlyMap<Read, readonly unknown[]>;

export type Statements = Readonly<Record<Read, number>>;

export interface Checked {
  readonly answers: Answers;
  readonly statements: Statements;
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
    for (const read of kind.reads ?? READS) {
      const compared = cases.slice(0, COMPARED);
      for (const one of Array.from({ length: WARM_UPS }, () => compared).flat()) {
        await ask(server.url, kind.dialect.ask(read, one));
      }
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
      const given = (expected?.get(read) ?? understood).map((answer) =>
        kind.isForStrangers ? forStrangers(answer) : answer,
      );
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

/** As somebody is shown it who has not signed in. */
function forStrangers(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(forStrangers);
  if (value === null || typeof value !== 'object') return value;
  const pairs = Object.entries(value).map(([key, each]) => [key, key === 'viewerHasLiked' ? null : forStrangers(each)]);
  return Object.fromEntries(pairs);
}

function disagreement(name: string, read: Read, answer: unknown, expected: unknown): string {
  const [given, wanted] = [JSON.stringify(answer), JSON.stringify(expected)];
  const at = [...wanted].findIndex((character, n) => character !== given[n]);
  const around = (text: string) => text.slice(Math.max(0, at - 80), at + 120);
  return `${name} does not agree on ${read}:\n  ${around(given)}\nwhere the limit has\n  ${around(wanted)}`;
}
