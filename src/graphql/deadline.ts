import { Fault } from '../kernel/errors';
import type { StopSignal } from '../platform/postgres/stop-signal';

/**
 * Ends the work of one operation: when its time is up, or when nobody waits for the answer any more. Every operation has
 * one and every statement of it listens, which an AbortSignal makes dear.
 */
export class Deadline implements StopSignal {
  private readonly timer: NodeJS.Timeout;
  private listeners: Set<() => void> | null = null;
  private ended: Fault | null = null;

  constructor(budgetMs: number) {
    this.timer = setTimeout(() => this.end(new DeadlineExceeded()), budgetMs);
    this.timer.unref();
  }

  get reason(): Fault | null {
    return this.ended;
  }

  throwIfAborted(): void {
    if (this.ended) throw this.ended;
  }

  addEventListener(_event: 'abort', listener: () => void): void {
    this.listeners ??= new Set();
    this.listeners.add(listener);
  }

  removeEventListener(_event: 'abort', listener: () => void): void {
    this.listeners?.delete(listener);
  }

  /** The client has hung up. */
  abandon(): void {
    this.end(new ClientGone());
  }

  /** The operation is over; nothing is aborted any more. */
  clear(): void {
    clearTimeout(this.timer);
  }

  private end(reason: Fault): void {
    clearTimeout(this.timer);
    if (this.ended) return;
    this.ended = reason;
    const { listeners } = this;
    this.listeners = null;
    for (const listener of listeners ?? []) listener();
  }
}

export class DeadlineExceeded extends Fault {
  constructor() {
    super('DEADLINE_EXCEEDED', 'This operation took too long and was ended. Ask for less at once.');
  }
}

export class ClientGone extends Fault {
  constructor() {
    super('DEADLINE_EXCEEDED', 'The client has hung up.');
  }
}
