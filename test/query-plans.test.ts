import { purgeEnded } from '../src/modules/auth/session.repository';
import type { Executor } from '../src/platform/postgres/database';
import { purgeIdempotencyKeys } from '../src/platform/postgres/idempotency';
import type { Statement } from '../src/platform/postgres/sql';
import { startTestApp, type TestApp } from './support/app';
import { createTestDatabase, type TestDatabase } from './support/database';
import { describePlanWorld, fillDatabase, type PlanWorld } from './support/plan-world';
import { COPIED, FUNCTIONS, LISTS, type List, OPERATIONS, selectedBy } from './support/planned-statements';
import { type PlanStep, planOf, settledPlanOf, statementsDuring, undone } from './support/query-plan';
import type { SentStatement } from './support/sent-statements';

const LOAD_DEADLINE_MS = 180_000;
const PAGE = 20;
/** "Deep" is behind this many pages of a hundred, or behind the last full one. */
const PAGES_SKIPPED = 4;
/** What a page may read of one table, however long the lists are. */
const ROWS_MAX = 1_000;
/** A sort may put a few full pages in order, one for each source that a page is merged from. */
const SORTED_MAX = 600;
/** The tables that grow with use: reading one of them from end to end is never right. */
const GROWING = [
  ...['users', 'user_handles', 'credentials', 'credential_emails', 'refresh_tokens', 'idempotency_keys'],
  ...['posts', 'author_post_counters', 'comments', 'comment_threads', 'likes', 'post_like_counters'],
  ...['follows', 'relationship_counters', 'feed_entries'],
  ...['conversations', 'conversation_members', 'membership_intervals', 'messages'],
];

/** Statements that are never kept prepared: which conversations two people share. */
const PLANNED_EACH_TIME = /FROM conversation_members r\s+JOIN conversation_members o/;

describe('on 200,000 posts', () => {
  let database: TestDatabase;
  let app: TestApp;
  let world: PlanWorld;

  beforeAll(async () => {
    database = await createTestDatabase();
    await fillDatabase(database.url);
    app = await startTestApp({ databaseUrl: database.url });
    world = await describePlanWorld(app);
  }, LOAD_DEADLINE_MS);
  afterAll(async () => {
    await app?.close();
    await database?.drop();
  });

  it.each(LISTS)('%s: each page comes from its index alone, the first and a deep one', async (_name, list) => {
    const deep = await deepCursor(list);
    expect(deep).not.toBeNull();
    for (const after of [null, deep]) {
      const sent = await statementsDuring(() => page(list, PAGE, after));
      expect(await faultsOf(sent, [list.index])).toEqual([]);
    }
  });

  it.each(LISTS)('%s: without that index it is seen', async (_name, { index, ...list }) => {
    const sent = await statementsDuring(() => page({ index, ...list }, PAGE, null));
    const table = /^(\w+)_seq_key$/.exec(index)?.[1];
    const drop = table ? `ALTER TABLE ${table} DROP CONSTRAINT ${index}` : `DROP INDEX ${index}`;
    expect(await faultsOf(sent, [index], drop)).not.toEqual([]);
  });

  // Before anything is written: a block hides what is asked for here.
  it.each(COPIED)('%s: nor where copies are read for the first time', async (_name, document, indexes) => {
    const copying = await startTestApp({ databaseUrl: database.url, env: { ENTITY_CACHE: 'on' } });
    try {
      const sent = await statementsDuring(() => copying.ok(document(world), {}, world.reader));
      expect(await faultsOf(sent, indexes)).toEqual([]);
    } finally {
      await copying.close();
    }
  });

  it.each(OPERATIONS)('%s: no table that grows is read from end to end', async (_name, document, indexes) => {
    const sent = await statementsDuring(async () => {
      await app.ok(document(world), {}, world.reader);
      await app.jobsDone();
    });
    expect(await faultsOf(sent, indexes)).toEqual([]);
  });

  it('what is purged is found by its age', async () => {
    const sent: SentStatement[] = [];
    const keep = async ({ text, values }: Statement) => sent.push({ text, values });
    const executor: Executor = { run: keep, rows: async () => [], row: async () => null };
    await purgeIdempotencyKeys(executor, world.purgeBefore);
    await purgeEnded(executor, world.purgeBefore);
    expect(await faultsOf(sent, ['idempotency_keys_by_age', 'refresh_tokens_by_expiry'])).toEqual([]);
  });

  // EXPLAIN does not look into functions: what their bodies select is looked at as a statement of its own.
  it.each(FUNCTIONS)('what %s looks up comes from its index alone', async (name, indexes, questions) => {
    const text = await selectedBy(app.sql, name);
    const asked = await app.sql.query({ text: `SELECT (${questions.join('), (')})`, rowMode: 'array' });
    expect(await faultsOf([{ text, values: Object.values<unknown>(asked.rows[0] ?? []) }], indexes)).toEqual([]);
  });

  it('a table that is read from end to end is seen', async () => {
    const text = 'SELECT * FROM posts WHERE length(text) > 10 ORDER BY text LIMIT 5';
    expect(await faultsOf([{ text, values: [] }], [])).toEqual([
      expect.stringMatching(/^Sort of \d{6} rows:/),
      expect.stringMatching(/^Seq Scan of posts:/),
      expect.stringMatching(/^Sort of \d{6} rows once prepared:/),
      expect.stringMatching(/^Seq Scan of posts once prepared:/),
    ]);
  });

  type Page = { readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string } };

  async function page(list: List, first: number, after: string | null): Promise<Page> {
    const args = `first: ${first}${after ? `, after: "${after}"` : ''}`;
    const asked = `list: ${list.field}(${args}) { nodes { id } pageInfo { hasNextPage endCursor } }`;
    const document = `{ place: ${list.of(world)} { ${list.on ? `... on ${list.on} { ${asked} }` : asked} } }`;
    return (await app.ok(document, {}, list.as(world))).place.list;
  }

  async function deepCursor(list: List): Promise<string | null> {
    let after: string | null = null;
    for (let n = 0; n < PAGES_SKIPPED; n += 1) {
      // Lists of likers and commenters are short: half of them is deep.
      const { pageInfo } = await page(list, n === 0 ? PAGE : 100, after);
      if (!pageInfo.hasNextPage) break;
      after = pageInfo.endCursor;
    }
    return after;
  }

  /** What is wrong with how the statements are carried out, once `change` has been made. */
  async function faultsOf(
    sent: readonly SentStatement[],
    indexes: readonly string[],
    change?: string,
  ): Promise<string[]> {
    return undone(app.sql, async (client) => {
      if (change) await client.query(change);
      const plans: PlanStep[][] = [];
      for (const statement of sent) plans.push(await planOf(client, statement));
      const used = new Set(plans.flat().map(({ index }) => index));
      const kept = change ? [] : sent.filter(({ text }) => !PLANNED_EACH_TIME.test(text));
      for (const statement of kept) plans.push(await settledPlanOf(client, statement));
      const unused = indexes.filter((index) => !used.has(index)).map((index) => `${index} is not used`);
      return [
        ...unused,
        ...plans.flatMap((plan, at) =>
          planFaults(plan).map((fault) =>
            at < sent.length
              ? `${fault}: ${sent[at]?.text}`
              : `${fault} once prepared: ${kept[at - sent.length]?.text}`,
          ),
        ),
      ];
    });
  }
});

function planFaults(plan: readonly PlanStep[]): string[] {
  return plan.flatMap((step) => {
    if (/Seq Scan$/.test(step.kind) && GROWING.includes(step.table ?? '')) return [`Seq Scan of ${step.table}`];
    if (/Sort$/.test(step.kind) && step.input > SORTED_MAX) return [`Sort of ${step.input} rows`];
    if (step.rows > ROWS_MAX) return [`${step.kind} of ${step.rows} rows of ${step.table}`];
    return [];
  });
}
