import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../fuzz/random';
import type { ListHistory } from './history';
import type { Ms } from './ledger';
import type { ListClient } from './list-client';

/** From the last arrival of one visitor to the start of the next. */
const PAUSE_MS: readonly [number, number] = [200, 1_000];
const STAY_MS: readonly [number, number] = [1_500, 4_000];

/**
 * Apps that are opened, show every list from its beginning until now and some of what follows, and are closed again:
 * the hand-over from what was to what comes, again and again, at every length of the lists.
 */
export class Visitors {
  readonly gone: ListClient[] = [];
  private readonly present = new Set<ListClient>();
  private stopped = false;
  private running: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly invite: (which: number) => ListClient,
    private readonly dice: Dice,
    /** Whether nobody is to come now: how late deliveries are is being measured. */
    private readonly isQuiet: () => boolean,
  ) {}

  /** @param atOnce so many at a time */
  start(atOnce: number): void {
    let which = 0;
    this.running = Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (!this.stopped) {
          if (this.isQuiet()) await sleep(PAUSE_MS[0]);
          else await this.host(this.invite(which++));
        }
      }),
    );
  }

  leave(ms: Ms): void {
    for (const client of this.present) client.leave(ms);
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
  }

  histories(): ListHistory[] {
    return this.gone.flatMap((client) => client.histories(true));
  }

  private async host(client: ListClient): Promise<void> {
    this.present.add(client);
    client.start();
    await sleep(this.dice.between(...STAY_MS));
    await client.stop();
    this.present.delete(client);
    this.gone.push(client);
    await sleep(this.dice.between(...PAUSE_MS));
  }
}
