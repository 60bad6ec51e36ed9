import type { EventEmitter } from 'node:events';
import type { ClientConfig } from 'pg';
import { AbandoningClient } from './abandoning-client';
import { type Answer, RowQuery, type Sent } from './row-query';
import { RowStream } from './row-stream';
import type { KnownText } from './statement-texts';

/**
 * A connection whose rows can be read off its socket into their objects, past node-postgres, which takes ten times as
 * long for the same.
 */
export class RowClient extends AbandoningClient {
  private readonly rows = new RowStream();

  constructor(config?: string | ClientConfig) {
    super(config);
    const connection = this.connection as unknown as { attachListeners(socket: EventEmitter): void };
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (socket) => attach(this.rows.follow(socket));
  }

  /** Sends a statement. @param known of its text. @throws the driver's error when it fails. */
  read(sent: Sent, known: KnownText): Promise<Answer> {
    const answer = new Promise<Answer>((resolve, reject) => {
      const done = (error: Error | null, result: Answer) => (error ? reject(error) : resolve(result));
      super.query(new RowQuery(sent, known, this.rows, done));
    });
    this.abandonWith(answer);
    return answer;
  }
}
