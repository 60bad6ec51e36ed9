/** Prints what an idle socket with one subscription takes of the service's memory. */
import { createLiveWorld, openSubscribers, sleep, startLiveServer } from './live-world';

const SOCKETS = Number(process.argv[2] ?? 2_000);
const GOAL_KIB = 25;
const SETTLE_MS = 3_000;

async function main(): Promise<void> {
  const world = await createLiveWorld();
  const server = await startLiveServer(world.databaseUrl);
  // What is made once, with the first ones, is no cost of the others.
  const first = await openSubscribers(server.url, world.postId, 100);
  await sleep(SETTLE_MS);
  const before = await server.figures(true);
  const sockets = await openSubscribers(server.url, world.postId, SOCKETS);
  await sleep(SETTLE_MS);
  const after = await server.figures(true);
  const each = (key: 'heapBytes' | 'rssBytes') => ((after[key] - before[key]) / SOCKETS / 1_024).toFixed(1);
  console.log(`${SOCKETS} sockets, one subscription each (goal ${GOAL_KIB} KiB of heap)`);
  console.log(`heap and external  ${each('heapBytes')} KiB a socket`);
  console.log(`resident           ${each('rssBytes')} KiB a socket`);
  for (const socket of [...first, ...sockets]) socket.terminate();
  await server.stop();
  await world.close();
}

void main();
