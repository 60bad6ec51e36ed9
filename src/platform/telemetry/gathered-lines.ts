/** How long a line may wait for others. */
const GATHER_MS = 20;
/** What is written without waiting any longer. */
const GATHER_MAX = 16_384;

export interface Lines {
  write(line: string): void;
}

/**
 * Writes the lines of a moment together: a system call for each would cost more than making it. Whoever gives this lines
 * flushes it when the process ends; what nobody can foresee, such as SIGKILL, takes the last moment along.
 */
export class GatheredLines implements Lines {
  private waiting = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly out: Lines) {}

  write(line: string): void {
    this.waiting += line;
    if (this.waiting.length >= GATHER_MAX) this.flush();
    else this.timer ??= setTimeout(() => this.flush(), GATHER_MS).unref();
  }

  flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { waiting } = this;
    this.waiting = '';
    if (waiting !== '') this.out.write(waiting);
  }
}
