import type { LogEntry, LogReader } from '../platform/changelog/log-reader';
import type { LiveSource } from './live';

/**
 * Delivers the entries of one log behind a reader's place. Ends when the log cannot be followed on, because entries
 * behind the place are gone.
 */
export function liveLog<Entry extends LogEntry>(
  reader: LogReader<Entry>,
  rules: Omit<LiveSource<Entry>, 'next' | 'close'>,
): LiveSource<Entry> {
  return {
    ...rules,
    async next() {
      const entries = await reader.next();
      return typeof entries === 'string' ? null : entries;
    },
    close: () => reader.close(),
  };
}
