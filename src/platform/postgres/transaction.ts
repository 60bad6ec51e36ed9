import type { PoolClient } from 'pg';
import { keyOf } from '../cache/entity';
import type { Channel } from './channel';
import { type CommitWatch, type StatementCounter, StatementExecutor, type Transaction } from './executor';
import { type Statement, sql } from './sql';
import type { Answer } from './statement-query';

const BEGIN = sql`BEGIN`;
const COMMIT = sql`COMMIT`;

interface Asked {
  readonly statement: Statement;
  readonly take: (answer: Answer) => void;
  readonly fail: (error: unknown) => void;
}

/** One transaction on one client, from its first statement on: BEGIN goes along with that. */
export class PostgresTransaction extends StatementExecutor implements Transaction {
  private readonly last: (() => Promise<void>)[] = [];
  private readonly effects: (() => void)[] = [];
  private readonly keys = new Set<string>();
  /** What goes out next. */
  private asked: Asked[] = [];
  /** Settles, never rejecting, when there is nothing more to send. */
  private sending: Promise<void> | null = null;
  private hasBegun = false;
  /** Why nothing can be asked any more. Sent all the same, it would be outside of the transaction. */
  private end: { readonly reason: unknown } | null = null;

  constructor(
    private readonly client: PoolClient,
    private readonly channel: Channel,
    private readonly counter: StatementCounter,
  ) {
    super();
    this.send(BEGIN);
  }

  send<Row>(statement: Statement, take?: (rows: readonly Row[]) => void): void {
    if (this.end) return;
    this.asked.push({ statement, take: ({ rows }) => take?.(rows as readonly Row[]), fail: () => {} });
  }

  /** @throws what has ended the transaction, be it a statement that nobody waited for. */
  async commit(): Promise<void> {
    await this.query(COMMIT);
    this.close(new Error('The transaction is over: it has been committed.'));
  }

  /** Answers what is wrong with a client that cannot even do that. */
  async rollback(reason: unknown): Promise<Error | undefined> {
    this.close(reason);
    await this.sending;
    if (!this.hasBegun) return undefined;
    try {
      await this.client.query('ROLLBACK');
      return undefined;
    } catch (error) {
      return error as Error;
    }
  }

  atEnd(work: () => Promise<void>): void {
    this.last.push(work);
  }

  async finish(): Promise<void> {
    for (const work of this.last) await work();
  }

  afterCommit(effect: () => void): void {
    this.effects.push(effect);
  }

  changed(name: string, id: string): void {
    this.keys.add(keyOf(name, id));
  }

  async announce(commits: CommitWatch | null): Promise<(() => Promise<void>) | null> {
    return commits && this.keys.size > 0 ? commits.beforeCommit(this, [...this.keys]) : null;
  }

  committed(): void {
    for (const effect of this.effects) effect();
  }

  protected async query(statement: Statement): Promise<Answer> {
    if (this.end) throw this.end.reason;
    const answered = new Promise<Answer>((take, fail) => this.asked.push({ statement, take, fail }));
    // Whoever asked two things at once and hears that the first failed may not listen to the second any more.
    answered.catch(() => {});
    this.sending ??= this.sendAsked();
    try {
      return await answered;
    } catch (error) {
      // Where in our own code it came from, rather than from which socket.
      if (error instanceof Error) Error.captureStackTrace(error);
      throw error;
    }
  }

  private async sendAsked(): Promise<void> {
    // What is asked in the same turn goes along.
    await null;
    while (this.asked.length > 0) {
      const together = this.asked;
      this.asked = [];
      this.hasBegun = true;
      this.counter.statements += together.length;
      try {
        const answers = await this.channel.sendTogether(
          this.client,
          together.map(({ statement }) => statement),
        );
        for (const [place, answer] of answers.entries()) answer.then(together[place]?.take, together[place]?.fail);
        await Promise.all(answers);
      } catch (error) {
        this.close(error);
        for (const { fail } of together) fail(error);
      }
    }
    this.sending = null;
  }

  private close(reason: unknown): void {
    this.end ??= { reason };
    for (const { fail } of this.asked.splice(0)) fail(reason);
  }
}
