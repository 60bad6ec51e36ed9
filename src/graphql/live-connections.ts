import { setTimeout as pause } from 'node:timers/promises';
/** A connection that carries subscriptions, whatever its transport. */
export interface LiveConnection {
  /** Ends it in a way that makes its client come back by itself, after about this time. */
  restart(retryAfterMs: number): void;
  /** Cuts it. */
  destroy(): void;
}

/** Clients that all come back at once would find the next process no better than this one. */
const RETRY_FIRST_MS = 200;
const RETRY_SPREAD_MS = 5_000;
const WAVES = 20;
/** The part of the time in which connections are told to go; the rest is for their good-byes. */
const TELLING_SHARE = 0.5;
const LOOK_MS = 20;

/** All live connections of this process, so that it can end without losing any of their clients. */
export class LiveConnections {
  private readonly open = new Set<LiveConnection>();

  /** Whether no more may be added: the process is ending. */
  draining = false;

  /** Keeps track of a connection until the returned function is called. One that comes too late is told at once. */
  add(connection: LiveConnection): () => void {
    this.open.add(connection);
    if (this.draining) setImmediate(() => this.open.has(connection) && connection.restart(retryAfterMs()));
    return () => this.open.delete(connection);
  }

  get count(): number {
    return this.open.size;
  }

  /** Ends all connections wave by wave, each client told to come back at another moment, within `withinMs`. */
  async drain(withinMs: number): Promise<void> {
    this.draining = true;
    const endAt = performance.now() + withinMs;
    const told = [...this.open];
    const size = Math.ceil(told.length / WAVES);
    for (let i = 0; i < told.length; i += size) {
      for (const connection of told.slice(i, i + size)) {
        if (this.open.has(connection)) connection.restart(retryAfterMs());
      }
      // Few need no waves.
      await pause(told.length > WAVES ? (withinMs * TELLING_SHARE) / WAVES : 0);
    }
    while (this.open.size > 0 && performance.now() < endAt) await pause(LOOK_MS);
    for (const connection of this.open) connection.destroy();
  }
}

function retryAfterMs(): number {
  return RETRY_FIRST_MS + Math.random() * RETRY_SPREAD_MS;
}
