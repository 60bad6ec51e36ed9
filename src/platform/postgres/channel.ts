import type { PoolClient, QueryArrayResult } from 'pg';
import { RowClient } from './row-client';
import type { Answer } from './row-query';
import { isPlannedEachTime, type Statement } from './sql';
import { StatementTexts } from './statement-texts';

/** Statements that one connection keeps prepared; one that has come to more is closed, and a fresh one takes its place. */
const PREPARED_MAX = 1_000;
const NO_ROWS: readonly object[] = [];

/** How statements go to PostgreSQL: as texts that it keeps prepared, their rows back as objects. */
export class Channel {
  private readonly texts: StatementTexts;
  private readonly names = new WeakMap<PoolClient, Set<string>>();

  /** @param prepared false behind a pooler that hands one connection to many and does not follow names. */
  constructor(
    prepared: boolean,
    private readonly preparedMax = PREPARED_MAX,
  ) {
    this.texts = new StatementTexts(prepared);
  }

  async send(client: PoolClient, statement: Statement): Promise<Answer> {
    const { text, values } = statement;
    const known = this.texts.use(text);
    const name = isPlannedEachTime(statement) ? undefined : known.name;
    if (name !== undefined) this.namesOf(client).add(name);
    if (client instanceof RowClient) return client.read({ text, values, name }, known);
    const answer: QueryArrayResult = await client.query({ ...(name && { name }), text, values, rowMode: 'array' });
    const { rows } = answer;
    return { rows: rows.length === 0 ? NO_ROWS : rows.map(known.reader(answer.fields)), count: answer.rowCount ?? 0 };
  }

  /** Whether the connection holds so many statements that it has to be closed. */
  isFull(client: PoolClient): boolean {
    return (this.names.get(client)?.size ?? 0) >= this.preparedMax;
  }

  private namesOf(client: PoolClient): Set<string> {
    const names = this.names.get(client) ?? new Set();
    this.names.set(client, names);
    return names;
  }
}
