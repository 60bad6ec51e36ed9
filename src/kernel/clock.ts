/** The time, handed in so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since 1970-01-01T00:00:00Z. */
  ms(): number;
  /** The same instant as RFC 3339 text in UTC with milliseconds, which is how rows hold time. */
  now(): string;
}

export const systemClock: Clock = {
  ms: () => Date.now(),
  now: () => new Date().toISOString(),
};
