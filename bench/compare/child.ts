/** Servers as processes of their own, whose log is a file, as in production. */
import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CACHE } from './places';
import { takeAlong } from './taken-along';

export interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Running {
  readonly name: string;
  readonly url: string;
  readonly pid: number;
  /** From the start of the process until it listened. */
  readonly startMs: number;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const POLL_MS = 5;

/** Starts a server that says in its output where it listens, as `"url":"http://…"`. */
export async function startServer(name: string, { program, args, env }: Command): Promise<Running> {
  const folder = path.join(CACHE, 'logs');
  mkdirSync(folder, { recursive: true });
  const logFile = path.join(folder, `${name.replaceAll(/\W+/g, '-')}.log`);
  const log = openSync(logFile, 'w');
  const { PATH = '', HOME = '' } = process.env;
  const startedAt = performance.now();
  const child = spawn(program, args, {
    env: { PATH, HOME, NODE_ENV: 'production', ...env },
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  let fault: string | null = null;
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      fault = String(error);
      resolve();
    });
    child.once('exit', (code, signal) => {
      fault = `it ended with ${code ?? signal}`;
      resolve();
    });
  });
  const release = takeAlong(child);
  const stop = async (): Promise<void> => {
    release();
    child.kill('SIGTERM');
    const overdue = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(overdue);
  };
  for (;;) {
    const [, url] = /"url":"(http:[^"]+)"/.exec(readFileSync(logFile, 'utf8')) ?? [];
    if (url) return { name, url, pid: child.pid ?? 0, startMs: performance.now() - startedAt, stop };
    const late = performance.now() - startedAt > START_TIMEOUT_MS;
    if (fault !== null || late) {
      await stop();
      throw new Error(`${name} did not start: ${fault ?? 'it took too long'}; its log is ${logFile}`);
    }
    await sleep(POLL_MS);
  }
}
