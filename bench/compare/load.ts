import { spawn } from 'node:child_process';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { COMPILED } from './places';
import type { Sent } from './reads';
import { takeAlong } from './taken-along';

export interface Load {
  readonly urls: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  readonly requestsMax?: number;
  readonly requests: readonly Sent[];
}

export interface Loaded {
  readonly done: number;
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Of one answer's body, on average. */
  readonly bytes: number;
}

/** Sends requests from a process of its own. @throws when one of them is not answered well. */
export async function applyLoad(load: Load): Promise<Loaded> {
  const program = path.join(COMPILED, 'bench', 'compare', 'load-generator.js');
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] });
  const release = takeAlong(child);
  child.stdin.end(JSON.stringify(load));
  const printed = await text(child.stdout);
  release();
  const { faults, firstFault, ...loaded } = JSON.parse(printed) as Loaded & { faults: number; firstFault: string };
  if (faults > 0) throw new Error(`${faults} requests to ${load.urls[0]} failed, the first with ${firstFault}`);
  return loaded;
}
