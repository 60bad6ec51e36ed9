/** Comments and likes a second, beside the textbook, on a copy of the world. */
import { Client } from 'pg';
import type { Case } from './cases';
import { print, startAll } from './growth';
import type { Options } from './options';
import { WRITES, type Write } from './reads';
import { type Results, ratio, runRounds } from './rounds';
import { listServers, PRODUCT_NAME, TEXTBOOK } from './servers';
import type { Setting } from './setting';

const DATABASE = 'writes';
/** More than a server writes in one measurement, so that no like is there already. */
const PAIRS_MAX = 12_000;

export async function runWrites(setting: Setting, options: Options): Promise<void> {
  const { cases, copy } = await setting.open(options.posts);
  setting.say('copying the world');
  const databaseUrl = await copy(DATABASE);
  const kinds = (await listServers(cases)).filter((kind) =>
    options.isChosen ? options.isWanted(kind) : [TEXTBOOK, PRODUCT_NAME].includes(kind.name),
  );
  const contenders = await startAll(setting, { databaseUrl }, kinds, (kind, write, turn) => {
    const { dialect } = kind;
    if (!dialect.write) throw new Error(`${kind.name} has no writes: choose others with --only`);
    const first = (kinds.indexOf(kind) + turn * kinds.length) * PAIRS_MAX;
    return Array.from({ length: PAIRS_MAX }, (_, n) => {
      const [viewer, postId] = pairOf(cases, first + n);
      return dialect.write?.(write as Write, viewer, postId) as never;
    });
  });
  const before = await countWritten(databaseUrl);
  const tasks = WRITES.map((name) => ({ name, connections: options.connections, requestsMax: PAIRS_MAX }));
  const results = await runRounds(contenders, tasks, options.pace, setting);
  requireWritten(results, before, await countWritten(databaseUrl));
  console.log(
    '\nwrites/s, relative to the textbook (p50, p99 in ms; processor time of server and database for one in ms)',
  );
  print(results, tasks, (result, task) => {
    const textbook = results.get(TEXTBOOK)?.get(task);
    const against = textbook ? ratio(result, textbook).toFixed(2) : '-';
    const cpu = ((result.serverCpuMs + result.databaseCpuMs) / 1_000).toFixed(2);
    return `${result.rate.toFixed(0)}, ${against} (${result.p50.toFixed(0)}, ${result.p99.toFixed(0)}; ${cpu})`;
  });
}

/** Every viewer with every post, no pair twice, neighbours never on the same post. */
function pairOf(cases: readonly Case[], n: number): [Case, string] {
  const viewer = cases[n % cases.length] as Case;
  const post = cases[(n + Math.floor(n / cases.length)) % cases.length] as Case;
  return [viewer, post.postId];
}

type Written = Readonly<Record<Write, number>>;

/** Rows, and what the counters say. @throws when they differ. */
async function countWritten(databaseUrl: string): Promise<Written> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Record<string, string>>(
      `SELECT (SELECT count(*) FROM comments WHERE deleted_at IS NULL) AS comments,
        (SELECT sum(comment_count) FROM comment_threads) AS counted_comments,
        (SELECT count(*) FROM likes) AS likes, (SELECT sum(likes) FROM post_like_counters) AS counted_likes`,
    );
    const { comments, likes, counted_comments, counted_likes } = rows[0] ?? {};
    if (comments !== counted_comments || likes !== counted_likes) {
      throw new Error(`the counters are off: ${JSON.stringify(rows[0])}`);
    }
    return { comment: Number(comments), like: Number(likes) };
  } finally {
    await client.end();
  }
}

/** @throws when less was written than was answered; a like that was there already counts as written. */
function requireWritten(results: Results, before: Written, after: Written): void {
  for (const write of WRITES) {
    const answered = [...results.values()].reduce(
      (sum, byTask) => sum + (byTask.get(write)?.samples ?? []).reduce((done, sample) => done + sample.done, 0),
      0,
    );
    const written = after[write] - before[write];
    // A few of the pairs had a like before the load.
    if (written < answered * 0.95) throw new Error(`${answered} answers, but ${written} rows of ${write}`);
  }
}
