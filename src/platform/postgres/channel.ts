import type { PoolClient } from 'pg';
import { isStalePlan } from './failures';
import type { Statement } from './sql';
import { StatementBatch } from './statement-batch';
import { type Answer, StatementQuery } from './statement-query';
import { type KnownText, StatementTexts } from './statement-texts';

/** Statements that one connection keeps prepared; one that has come to more is closed, and a fresh one takes its place. */
const PREPARED_MAX = 1_000;

/** How statements go to PostgreSQL: as texts that it keeps prepared, of which it says only once what they answer. */
export class Channel {
  private readonly texts: StatementTexts;
  private readonly names = new WeakMap<PoolClient, Set<string>>();
  /** Names of statements that PostgreSQL refuses to run again as they are. */
  private readonly stale = new WeakMap<PoolClient, Set<string>>();

  /** @param prepared false behind a pooler that hands one connection to many and does not follow names. */
  constructor(
    prepared: boolean,
    private readonly preparedMax = PREPARED_MAX,
  ) {
    this.texts = new StatementTexts(prepared);
  }

  /** @throws the driver's error. */
  async send(client: PoolClient, statement: Statement): Promise<Answer> {
    const known = this.texts.use(statement.text);
    const name = statement.isPlannedEachTime ? undefined : known.name;
    if (name !== undefined && this.stale.get(client)?.has(name)) await this.forget(client, name);
    try {
      return await this.ask(client, statement, known, name);
    } catch (error) {
      if (name !== undefined && isStalePlan(error)) this.staleOf(client).add(name);
      // Where in our own code it came from, rather than from which socket.
      Error.captureStackTrace(error as Error);
      throw error;
    }
  }

  /**
   * Sends statements of a transaction in one message and answers each by itself, in their order. From the first that fails
   * on all reject with its error.
   */
  async sendTogether(client: PoolClient, statements: readonly Statement[]): Promise<readonly Promise<Answer>[]> {
    const asked = statements.map((statement) => {
      const known = this.texts.use(statement.text);
      return { statement, known, name: statement.isPlannedEachTime ? undefined : known.name };
    });
    for (const { name } of asked) {
      if (name !== undefined && this.stale.get(client)?.has(name)) await this.forget(client, name);
    }
    const queries = asked.map(({ statement: { values }, known, name }) => {
      if (name !== undefined) this.namesOf(client).add(name);
      return new StatementQuery(known, values, name);
    });
    const batch = new StatementBatch(queries);
    client.query(batch);
    // Whom it concerns hears of it by the statements.
    batch.answered.catch((error) => {
      if (isStalePlan(error) && batch.name !== undefined) this.staleOf(client).add(batch.name);
      Error.captureStackTrace(error as Error);
    });
    return queries.map((query) => query.answered);
  }

  private ask(client: PoolClient, { values }: Statement, known: KnownText, name: string | undefined) {
    if (name !== undefined) this.namesOf(client).add(name);
    const query = new StatementQuery(known, values, name);
    client.query(query);
    return query.answered;
  }

  /** A migration has changed what a prepared statement answers: it is prepared anew when it comes next. */
  private async forget(client: PoolClient, name: string): Promise<void> {
    await client.query(`DEALLOCATE "${name}"`);
    const { connection } = client as unknown as { connection: { parsedStatements: Record<string, string> } };
    delete connection.parsedStatements[name];
    this.stale.get(client)?.delete(name);
  }

  /** Whether the connection holds so many statements that it has to be closed. */
  isFull(client: PoolClient): boolean {
    return (this.names.get(client)?.size ?? 0) >= this.preparedMax;
  }

  private namesOf(client: PoolClient): Set<string> {
    return setOf(this.names, client);
  }

  private staleOf(client: PoolClient): Set<string> {
    return setOf(this.stale, client);
  }
}

function setOf(sets: WeakMap<PoolClient, Set<string>>, client: PoolClient): Set<string> {
  let set = sets.get(client);
  if (!set) {
    set = new Set();
    sets.set(client, set);
  }
  return set;
}
