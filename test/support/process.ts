import { type ChildProcess, execFile, spawn } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

/** Also where this file runs compiled, as part of a benchmark. */
const ROOT = path.join(__dirname, '..', '..').replace(/\/dist$/, '');
const MAIN = path.join(ROOT, 'dist', 'src', 'main.js');
const DEADLINE_MS = 60_000;

export interface RunningProcess {
  readonly child: ChildProcess;
  /** Everything printed so far. */
  output(): string;
  /** Waits for a text in the output and answers the match. */
  printed(pattern: RegExp): Promise<RegExpExecArray>;
  /** The exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals>;
  kill(signal: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

/** Compiles the service as `npm start` does, so that tests run what people run. */
export async function buildService(): Promise<void> {
  await promisify(execFile)('npm', ['run', '--silent', 'build'], { cwd: ROOT, timeout: DEADLINE_MS });
}

/** Runs a command of the compiled service with only the given environment. */
export function runService(args: readonly string[], env: Record<string, string>): RunningProcess {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: ROOT, env: { PATH, HOME, ...env } });
  let text = '';
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      for (const watch of watchers) watch();
    });
  }
  const ended = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), DEADLINE_MS);
  void ended.then(() => clearTimeout(timer));
  return {
    child,
    ended,
    output: () => text,
    printed(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(text);
          if (!match) return;
          watchers.delete(look);
          resolve(match);
        };
        watchers.add(look);
        void ended.then((code) => reject(new Error(`ended with ${code} before printing ${pattern}:\n${text}`)));
        look();
      });
    },
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
