import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ROOT } from './build';
import type { Held } from './probe';

const MAIN = path.join(ROOT, 'dist', 'src', 'main.js');
const PROBE = path.join(__dirname, 'probe.js');

const START_TIMEOUT_MS = 180_000;
const RESTART_PAUSE_MS = 300;
const POLL_MS = 30;
const PROBE_TIMEOUT_MS = 5_000;
const LEVEL_ERROR = 50;
const OUTPUT_KEPT = 20;
const LINE_SHOWN = 1_000;
/** The job queue prints where it is when it loses its connection while it ends, and nothing can keep it from that. */
const EXCUSED = /^Trace: .*(Query read timeout|Connection terminated|ECONNRESET|ECONNREFUSED|terminating connection)/;

/** One Portico process as a supervisor keeps it: it comes back on the same port, and an end that nobody planned is noted. */
export class PorticoProcess {
  private readonly noted: string[] = [];
  /** Lines of level error by event: how many, and the first of them. */
  private readonly errors = new Map<string, { count: number; first: string }>();
  private child: ChildProcess | null = null;
  private ended: Promise<void> = Promise.resolve();
  /** An end is planned, and no restart by itself is wanted. */
  private leaving = false;
  private serving = false;
  private readonly lastLines: string[] = [];

  constructor(
    readonly index: number,
    readonly port: number,
    private readonly env: Readonly<Record<string, string>>,
    private readonly probeFile: string,
    /** Whether a process that ends before it serves may rightly do so: its database is away. */
    private readonly mayFailToStart: () => boolean,
  ) {}

  /** What it said or did that it should not have. */
  get complaints(): string[] {
    const logged = [...this.errors].map(([event, { count, first }]) => {
      return `process ${this.index} logged ${count} times the error "${event}", first: ${first}`;
    });
    return [...this.noted, ...logged];
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it and resolves when it serves, or when it has been asked to end meanwhile. */
  async start(): Promise<void> {
    this.leaving = false;
    const deadline = Date.now() + START_TIMEOUT_MS;
    this.launch();
    while (!this.leaving) {
      if (await this.answers()) {
        this.serving = true;
        return;
      }
      if (Date.now() > deadline) {
        this.complain(`does not serve ${START_TIMEOUT_MS / 1_000} s after its start: ${this.lastLines.join(' | ')}`);
        return;
      }
      if (this.child === null && !this.leaving) {
        await sleep(RESTART_PAUSE_MS);
        if (!this.leaving) this.launch();
      }
      await sleep(POLL_MS);
    }
  }

  /** Ends it by a signal that this run planned. With SIGTERM it has to end in order. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    this.leaving = true;
    this.serving = false;
    this.child?.kill(signal);
    await this.ended;
  }

  /** What it holds, after a garbage collection; null when it does not say. */
  async probe(): Promise<Held | null> {
    rmSync(this.probeFile, { force: true });
    this.child?.kill('SIGUSR2');
    for (const deadline = Date.now() + PROBE_TIMEOUT_MS; Date.now() < deadline; await sleep(POLL_MS)) {
      try {
        return JSON.parse(readFileSync(this.probeFile, 'utf8')) as Held;
      } catch {
        // Not written yet, or only in part.
      }
    }
    return null;
  }

  private launch(): void {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...this.env, PORT: String(this.port), PROBE_FILE: this.probeFile };
    const args = ['--expose-gc', '--enable-source-maps', '--trace-warnings', '--require', PROBE, MAIN, 'serve'];
    const child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    this.child = child;
    for (const stream of [child.stdout, child.stderr]) {
      let rest = '';
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        const lines = (rest + chunk).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) this.read(line);
      });
    }
    this.ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.child = null;
        const inOrder = this.leaving && (code === 0 || signal === 'SIGKILL');
        if (!inOrder && (this.serving || !this.mayFailToStart())) {
          this.complain(`ended with ${code ?? signal} unplanned: ${this.lastLines.slice(-5).join(' | ')}`);
        }
        if (this.serving && !this.leaving) {
          this.serving = false;
          // As a supervisor does; the run goes on, to show what else there is.
          void sleep(RESTART_PAUSE_MS).then(() => this.start());
        }
        resolve();
      });
    });
  }

  private read(line: string): void {
    this.lastLines.push(line.slice(0, 1_000));
    if (this.lastLines.length > OUTPUT_KEPT) this.lastLines.shift();
    if (!line.includes(`"level":${LEVEL_ERROR}`)) {
      // Why it does not start is told to people, in plain text.
      const explains = !this.serving && this.mayFailToStart();
      // The first line of what a library prints says it; its stack and fields follow indented, and help to find it.
      if (/^[^\s{}]/.test(line) && !explains && !EXCUSED.test(line)) this.complain(`printed: ${line.slice(0, 300)}`);
      else if (/^\s+at /.test(line) && this.noted.at(-1)?.includes('printed: ')) {
        const said = `${this.noted.pop()}${line}`;
        this.noted.push(said.slice(0, LINE_SHOWN));
      }
      return;
    }
    const { msg } = JSON.parse(line) as { msg: string };
    const known = this.errors.get(msg) ?? { count: 0, first: line.slice(0, LINE_SHOWN) };
    this.errors.set(msg, { ...known, count: known.count + 1 });
  }

  private complain(what: string): void {
    this.noted.push(`process ${this.index} ${what}`);
  }

  /** Past the proxy: whether it serves is asked while the network is down as well. */
  private answers(): Promise<boolean> {
    return new Promise((resolve) => {
      if (this.child === null) return resolve(false);
      const socket = connect(this.port, '127.0.0.1', () => socket.write('GET /health/live HTTP/1.0\r\n\r\n'));
      socket.setTimeout(1_000, () => socket.destroy());
      socket.once('data', (bytes) => {
        resolve(bytes.toString().includes(' 200 '));
        socket.destroy();
      });
      socket.once('error', () => resolve(false));
      socket.once('close', () => resolve(false));
    });
  }
}
