const BAR_WIDTH = 30;
const REDRAW_MS = 80;
const PLAIN_STEP = 0.1;

/** Progress of a load, table by table: one line that redraws itself on a terminal, a line every 10 % anywhere else. */
export class ProgressLine {
  readonly #isTerminal: boolean;
  #table = '';
  #drawnAt = 0;
  #toldStep = 0;
  #isOpen = false;

  constructor(readonly out: NodeJS.WritableStream) {
    this.#isTerminal = 'isTTY' in out && out.isTTY === true;
  }

  show(table: string, done: number, total: number): void {
    const part = total === 0 ? 1 : done / total;
    if (table !== this.#table) {
      this.#table = table;
      this.#toldStep = 0;
    }
    if (this.#isTerminal) this.#redraw(part, done, total);
    else this.#tell(part, done, total);
  }

  /** Leaves the line, so that what is written next begins on one of its own. */
  end(): void {
    if (this.#isOpen) this.out.write('\r\x1b[K');
    this.#isOpen = false;
  }

  #redraw(part: number, done: number, total: number): void {
    const time = performance.now();
    if (part < 1 && time - this.#drawnAt < REDRAW_MS) return;
    this.#drawnAt = time;
    const filled = Math.round(part * BAR_WIDTH);
    const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
    this.out.write(`\r\x1b[K${bar} ${percent(part)} ${this.#table} ${count(done)} of ${count(total)}`);
    this.#isOpen = true;
  }

  #tell(part: number, done: number, total: number): void {
    const step = Math.floor(part / PLAIN_STEP + Number.EPSILON);
    if (total === 0 || step <= this.#toldStep) return;
    this.#toldStep = step;
    this.out.write(`${this.#table} ${percent(part)} ${count(done)} of ${count(total)}\n`);
  }
}

function percent(part: number): string {
  return `${Math.floor(part * 100)}%`.padStart(4);
}

function count(rows: number): string {
  return rows.toLocaleString('en');
}
