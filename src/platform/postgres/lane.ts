import type { Pool, PoolClient } from 'pg';
import type { StopSignal } from './stop-signal';

/** Where a statement gets its client, and brings it back to. */
export interface Clients {
  take(signal?: StopSignal): Promise<PoolClient>;
  /** @param state `used` when it may serve on; else the pool takes it back, or closes it. */
  give(client: PoolClient, state: 'used' | 'doubtful' | 'closed'): void;
}

/** A client of its own for each statement. */
export function manyClients(pool: Pool): Clients {
  return {
    take: (signal) => checkOut(pool, signal),
    give: (client, state) => client.release(state === 'closed'),
  };
}

/**
 * One client at a time for the statements of one operation, handed from one to the next: an operation that reads much
 * at the same time keeps no other from reading. Who holds the client waits for nothing but PostgreSQL, so that nobody
 * waits for ever.
 */
export class Lane implements Clients {
  private busy = false;
  private readonly waiting: ((handed: PoolClient | null) => void)[] = [];

  constructor(private readonly pool: Pool) {}

  async take(signal?: StopSignal): Promise<PoolClient> {
    const handed = this.busy ? await new Promise<PoolClient | null>((resolve) => this.waiting.push(resolve)) : null;
    this.busy = true;
    if (handed) return handed;
    try {
      return await checkOut(this.pool, signal);
    } catch (error) {
      this.passOn(null);
      throw error;
    }
  }

  give(client: PoolClient, state: 'used' | 'doubtful' | 'closed'): void {
    const handOver = state === 'used' && this.waiting.length > 0;
    if (!handOver) client.release(state === 'closed');
    this.passOn(handOver ? client : null);
  }

  private passOn(client: PoolClient | null): void {
    const next = this.waiting.shift();
    if (next) next(client);
    else this.busy = false;
  }
}

/** Waits for a client no longer than the operation has time: the pool hands one that comes later to somebody else. */
export function checkOut(pool: Pool, signal?: StopSignal): Promise<PoolClient> {
  return new Promise<PoolClient>((resolve, reject) => {
    const giveUp = () => {
      reject(signal?.reason);
      arriving.then(
        (late) => late.release(),
        () => {},
      );
    };
    const stopListening = () => signal?.removeEventListener('abort', giveUp);
    const arriving = pool.connect();
    signal?.addEventListener('abort', giveUp, { once: true });
    arriving.then(stopListening, stopListening);
    arriving.then(resolve, reject);
  });
}
