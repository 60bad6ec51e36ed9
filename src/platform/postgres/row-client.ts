import type { EventEmitter } from 'node:events';
import type { ClientConfig } from 'pg';
import { AbandoningClient } from './abandoning-client';
import { Outbox } from './outbox';
import { RowStream } from './row-stream';

/**
 * A connection whose rows can be read off its socket, past node-postgres, which takes ten times as long for the same, and
 * whose statements go out in one piece.
 */
export class RowClient extends AbandoningClient {
  constructor(config?: string | ClientConfig) {
    super(config);
    const rows = new RowStream(this.connection);
    const connection = this.connection as unknown as { attachListeners(socket: EventEmitter): void };
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (socket) => attach(rows.follow(socket));
    new Outbox(this.connection);
  }
}
