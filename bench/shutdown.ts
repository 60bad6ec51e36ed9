/** Prints how long a process with many sockets takes to end, and by which exit code. */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createLiveWorld, openSubscribers } from './live-world';

const WANTED = Number(process.argv[2] ?? 10_000);
const CLIENTS = 4;
/** Descriptors that a process needs besides its sockets. */
const OTHER_DESCRIPTORS = 200;
const LISTENING = /http:\/\/127\.0\.0\.1:\d+/;

/** A process with a part of the sockets: says when they are open, and how they were closed. */
async function hold(url: string, postId: string, count: number): Promise<void> {
  const sockets = await openSubscribers(url, postId, count);
  const told = new Map<number, number>();
  const closed = sockets.map((socket) =>
    once(socket, 'close').then(([code]) => told.set(Number(code), (told.get(Number(code)) ?? 0) + 1)),
  );
  process.send?.('open');
  await Promise.all(closed);
  process.send?.(Object.fromEntries(told), () => process.exit(0));
}

async function main(): Promise<void> {
  const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -n']).toString()) || Number.POSITIVE_INFINITY;
  const count = Math.min(WANTED, descriptors - OTHER_DESCRIPTORS);
  if (count < WANTED) console.log(`ulimit -n allows ${descriptors} descriptors: ${count} sockets instead of ${WANTED}`);
  const world = await createLiveWorld();
  const server = spawn(process.execPath, [path.join(__dirname, '..', 'src', 'main.js'), 'serve'], {
    env: {
      NODE_ENV: 'test',
      PORT: '0',
      LOG_LEVEL: 'info',
      DATABASE_URL: world.databaseUrl,
      SOCKETS_PER_ADDRESS: '100000',
      BUDGET_CAPACITY: '1000000000',
      LOAD_SHED_DELAY_MS: '60000',
      DATA_DIR: path.join(__dirname, '..', '.portico-bench'),
    },
  });
  let printed = '';
  const url = await new Promise<string>((resolve) => {
    for (const stream of [server.stdout, server.stderr]) {
      stream.on('data', (bytes) => {
        printed += bytes;
        const match = LISTENING.exec(printed);
        if (match) resolve(match[0]);
      });
    }
  });
  const clients: ChildProcess[] = Array.from({ length: CLIENTS }, () =>
    fork(__filename, ['hold', url, world.postId, String(Math.floor(count / CLIENTS))]),
  );
  await Promise.all(clients.map((client) => once(client, 'message')));
  const told = Promise.all(clients.map((client) => once(client, 'message')));
  const since = performance.now();
  server.kill('SIGTERM');
  const [code] = await once(server, 'exit');
  const ms = performance.now() - since;
  const codes = (await told).map(([each]) => JSON.stringify(each)).join(' ');
  console.log(`${count} sockets: exit code ${code} after ${(ms / 1_000).toFixed(1)} s; closed with ${codes}`);
  await world.close();
}

const [command, url = '', postId = '', count = '0'] = process.argv.slice(2);
void (command === 'hold' ? hold(url, postId, Number(count)) : main());
