import { setMaxListeners } from 'node:events';
import { Fault } from '../kernel/errors';

/** Ends the work of one operation: when its time is up, or when nobody waits for the answer any more. */
export class Deadline {
  private readonly controller = new AbortController();
  private readonly timer: NodeJS.Timeout;

  constructor(budgetMs: number) {
    // Every statement in flight listens; a page has as many as it has batches.
    setMaxListeners(0, this.controller.signal);
    this.timer = setTimeout(() => this.end(new DeadlineExceeded()), budgetMs);
    this.timer.unref();
  }

  get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** @throws DeadlineExceeded or ClientGone when nothing new may begin. */
  check(): void {
    this.controller.signal.throwIfAborted();
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
    this.controller.abort(reason);
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
