import type { Doorbell, Topic } from '../redis/doorbell';
import type { Log } from '../telemetry/log';

/** One entry of an ordered log. */
export interface LogEntry {
  readonly seq: number;
}

export interface FollowOptions<Entry extends LogEntry> {
  readonly doorbell: Doorbell;
  readonly topic: Topic;
  /** Entries above this number are delivered. */
  readonly after: number;
  /**
   * The next page of entries above `seq` that this reader may see, ascending; empty when there are none yet. Null ends
   * the stream: the reader may no longer see it at all.
   */
  readonly readAfter: (seq: number) => Promise<readonly Entry[] | null>;
  /** How often to look without being rung: heals lost doorbells. */
  readonly pollMs: number;
  readonly log: Log;
}

const RETRY_DELAY_FIRST_MS = 250;
const RETRY_DELAY_MAX_MS = 5_000;

/**
 * Reads a log from a position and then follows it. It listens before it reads, so nothing falls between back-fill and
 * live; every ring, and every `pollMs`, leads to a read behind the last position, so a lost ring delays and never
 * loses. A failing read is retried with growing pauses. At most one page is held in memory: a slow consumer slows the
 * reading, not the server. `return()` ends it at once, also while it waits.
 */
export function followLog<Entry extends LogEntry>(options: FollowOptions<Entry>): AsyncIterableIterator<Entry> {
  const { doorbell, topic, readAfter, pollMs, log } = options;
  let position = options.after;
  let page: readonly Entry[] = [];
  let next = 0;
  let rung = true;
  let ended = false;
  let faults = 0;
  let wake = () => {};
  const unlisten = doorbell.listen(topic, () => {
    rung = true;
    wake();
  });

  function end(): void {
    ended = true;
    unlisten();
    wake();
  }

  function sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function readPage(): Promise<void> {
    rung = false;
    try {
      const read = await readAfter(position);
      faults = 0;
      if (!read) return end();
      page = read;
      next = 0;
      const last = page.at(-1);
      if (last) {
        position = last.seq;
        rung = true;
      }
    } catch (err) {
      faults += 1;
      log.warn({ topic, faults, err }, 'following a log failed, trying again');
      rung = true;
      await sleep(Math.min(RETRY_DELAY_FIRST_MS * 2 ** (faults - 1), RETRY_DELAY_MAX_MS));
    }
  }

  return {
    async next() {
      while (!ended) {
        const entry = page[next];
        if (entry) {
          next += 1;
          return { done: false, value: entry };
        }
        if (rung) await readPage();
        else {
          await sleep(pollMs);
          rung = true;
        }
      }
      return { done: true, value: undefined };
    },
    async return() {
      end();
      return { done: true, value: undefined };
    },
    async throw(error) {
      end();
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
