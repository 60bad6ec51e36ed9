import type { EventEmitter } from 'node:events';
import type { ClientConfig } from 'pg';
import { AbandoningClient } from './abandoning-client';
import { RowStream } from './row-stream';

/** A connection whose rows can be read off its socket, past node-postgres, which takes ten times as long for the same. */
export class RowClient extends AbandoningClient {
  constructor(config?: string | ClientConfig) {
    super(config);
    const rows = new RowStream(this.connection);
    const connection = this.connection as unknown as DriverConnection;
    const attach = connection.attachListeners.bind(connection);
    connection.attachListeners = (socket) => attach(rows.follow(socket));
    const describe = connection.describe.bind(connection);
    connection.describe = (what) => rows.isTerse || describe(what);
  }
}

/** What node-postgres has for itself in its Connection. */
interface DriverConnection {
  attachListeners(socket: EventEmitter): void;
  describe(what: object): unknown;
}
