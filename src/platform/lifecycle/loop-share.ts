/** How long work that comes in small steps may keep the event loop to itself. */
const SHARE_MS = 5;

let startedAt: number | null = null;

/**
 * For work in small steps that wait for nothing but each other, such as frames that are sent as soon as they are made:
 * what only waits for promises never lets the event loop turn. Null while all such work together has taken less than a
 * few milliseconds of this turn; else what to wait for before the next step.
 */
export function shareLoop(): Promise<void> | null {
  const now = performance.now();
  if (startedAt === null) {
    startedAt = now;
    setImmediate(() => {
      startedAt = null;
    });
    return null;
  }
  return now - startedAt < SHARE_MS ? null : new Promise((resolve) => setImmediate(resolve));
}
