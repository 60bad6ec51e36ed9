import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Options } from '@node-rs/argon2';
import { Fault } from '../../kernel/errors';

const SOURCE = path.join(__dirname, 'password-thread.js');
/** Gives way to everything else on the machine, and yet gets a tenth of a core that is wanted by others all the time. */
const NICENESS = 10;

/** To make a hash of a password, or to compare it with one. */
export type PasswordWork =
  | { readonly password: string; readonly parameters: Options }
  | { readonly password: string; readonly passwordHash: string };

interface Answer {
  readonly value?: string | boolean;
  readonly error?: string;
}

/** Settles the work that a thread is at. */
interface Waiter {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * Threads that hash passwords at a low priority, so that a flood of people who sign in takes no processor from others
 * (libuv's own threads have the priority of the event loop). They start when they are first needed, and keep no process
 * alive that waits for nothing from them.
 */
export class PasswordThreads {
  private readonly idle: Worker[] = [];
  private readonly all = new Map<Worker, Waiter | null>();
  private closed = false;

  /** @param onCrash A thread has ended by itself; another takes its place when it is needed. */
  constructor(private readonly onCrash: (error: Error) => void = () => {}) {}

  /**
   * Runs in an idle thread, or in one more. Whoever calls bounds how many that are.
   * @throws Fault SERVICE_UNAVAILABLE when the thread ends before it answers.
   */
  async run(work: PasswordWork): Promise<string | boolean> {
    if (this.closed) throw ended();
    const thread = this.idle.pop() ?? this.start();
    thread.ref();
    const { value, error } = await new Promise<Answer>((resolve, reject) => {
      this.all.set(thread, { resolve, reject });
      thread.postMessage(work);
    });
    if (value === undefined) throw new Error(error);
    return value;
  }

  /** Work under way fails. */
  close(): void {
    this.closed = true;
    for (const thread of this.all.keys()) void thread.terminate();
  }

  private start(): Worker {
    // What a process is started with, such as a debugger or modules to load first, is not for its threads.
    const thread = new Worker(SOURCE, { workerData: { niceness: NICENESS }, execArgv: [] });
    this.all.set(thread, null);
    thread.on('message', (answer: Answer) => {
      const waiter = this.all.get(thread);
      this.all.set(thread, null);
      thread.unref();
      this.idle.push(thread);
      waiter?.resolve(answer);
    });
    thread.on('error', (error) => this.onCrash(error));
    thread.on('exit', () => {
      const waiter = this.all.get(thread);
      this.all.delete(thread);
      if (this.idle.includes(thread)) this.idle.splice(this.idle.indexOf(thread), 1);
      waiter?.reject(ended());
    });
    return thread;
  }
}

function ended(): Fault {
  return new Fault('SERVICE_UNAVAILABLE', 'This is not possible right now. Try again in a few seconds.');
}
