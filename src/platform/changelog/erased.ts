import type { Topic } from '../redis/doorbell';
import type { Change } from './change-log';

/** Some of the traces that somebody left are gone: who is to learn of what, and what is to ring. */
export interface Erased {
  readonly changes: readonly Change[];
  readonly topics: readonly Topic[];
}
