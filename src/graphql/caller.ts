import type { MaybeViewer } from '../kernel/viewer';
import type { Transport } from './context';

/** On whose behalf an operation runs, from where, and by which way it came. */
export interface Caller {
  readonly viewer: MaybeViewer;
  readonly requestId: string;
  readonly transport: Transport;
  /** The IP address of the client, past trusted proxies. */
  readonly address: string;
  /** That the client has hung up; absent where the transport watches by itself. */
  readonly gone?: Gone;
  /** The cursor of the last event that the client has, where the transport says so itself. */
  readonly resumeAfter?: string | null;
}

/** Something that happens once. An AbortSignal costs a kilobyte, and there is one for every idle socket. */
export class Gone {
  private listeners: Set<() => void> | null = null;
  private happened = false;

  happen(): void {
    this.happened = true;
    for (const listener of this.listeners ?? []) listener();
    this.listeners = null;
  }

  /** Calls `listener` when it happens, at once when it has, until the returned function is called. */
  listen(listener: () => void): () => void {
    if (this.happened) {
      listener();
      return () => {};
    }
    const listeners = this.listeners ?? new Set();
    this.listeners = listeners.add(listener);
    return () => listeners.delete(listener);
  }
}
