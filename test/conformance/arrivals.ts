const PATIENCE_MS = 5_000;

/** Environment of a service whose events come by the doorbell or not at all: it does not look for them by itself. */
export const NO_POLLING = { LIVE_POLL_MS: '600000' };

/** What a stream brings, for a test to wait for. */
export class Arrivals<Item> {
  private readonly items: Item[] = [];
  private failure: unknown = null;
  private wake = () => {};

  add(item: Item): void {
    this.items.push(item);
    this.wake();
  }

  /** The stream broke: whoever waits is told. */
  fail(error: unknown): void {
    this.failure = error ?? new Error('the stream broke');
    this.wake();
  }

  /** All that has come as soon as it is `count` items. @throws what broke the stream, or Error when they are late. */
  async until(count: number): Promise<readonly Item[]> {
    const late = setTimeout(() => this.fail(new Error(`${this.items.length} of ${count} came`)), PATIENCE_MS);
    try {
      while (this.items.length < count) {
        if (this.failure !== null) throw this.failure;
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
      return [...this.items];
    } finally {
      clearTimeout(late);
    }
  }
}
