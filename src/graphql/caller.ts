import type { MaybeViewer } from '../kernel/viewer';
import type { Transport } from './context';

/** On whose behalf an operation runs, from where, and by which way it came. */
export interface Caller {
  readonly viewer: MaybeViewer;
  readonly requestId: string;
  readonly transport: Transport;
  /** The IP address of the client, past trusted proxies. */
  readonly address: string;
  /** Aborted when the client has hung up; absent where the transport watches by itself. */
  readonly gone?: AbortSignal;
  /** The cursor of the last event that the client has, where the transport says so itself. */
  readonly resumeAfter?: string | null;
}
