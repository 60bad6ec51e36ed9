/** Prints what subscribers that have stopped reading do to the service, and to those that read. */
import type WebSocket from 'ws';
import { createLiveWorld, openSubscribers, sleep, startLiveServer } from './live-world';

const STALLED = Number(process.argv[2] ?? 1_000);
const HEALTHY = 20;
const EVENTS_PER_SECOND = Number(process.argv[3] ?? 1_000);
const SECONDS = 10;
const SLICES = 20;
const MEMORY_GOAL_MIB = 128;
const LOOP_GOAL_MS = 50;
/** Four megabytes for each socket. */
const FILL_ROUNDS = 45;
const FILL_AT_ONCE = 40;
const FILL_LENGTH = 2_000;
const CATCH_UP_MS = 30_000;
const MIB = 2 ** 20;

async function main(): Promise<void> {
  const world = await createLiveWorld();
  const server = await startLiveServer(world.databaseUrl);
  const healthy = await openSubscribers(server.url, world.postId, HEALTHY);
  const counts = healthy.map(() => 0);
  for (const [index, socket] of healthy.entries())
    socket.on('message', () => counts.splice(index, 1, (counts[index] ?? 0) + 1));
  const stalled: WebSocket[] = await openSubscribers(server.url, world.postId, STALLED);
  await sleep(1_000);
  for (const socket of stalled) socket.pause();
  // Megabytes fit into what the kernel holds for a socket: until that is full, nobody stands still.
  let filled = 0;
  for (let round = 0; round < FILL_ROUNDS; round += 1) {
    filled = await world.write(FILL_AT_ONCE, FILL_LENGTH);
    while (counts.some((count) => count < filled)) await sleep(20);
  }
  await sleep(2_000);
  const before = await server.figures(true);
  let mostHeap = 0;
  let mostResident = 0;
  let loopMaxMs = 0;
  let written = 0;
  const startedAt = performance.now();
  for (let slice = 0; slice < SECONDS * SLICES; slice += 1) {
    written = await world.write(EVENTS_PER_SECOND / SLICES);
    await sleep(startedAt + ((slice + 1) * 1_000) / SLICES - performance.now());
    if (slice % SLICES !== 0) continue;
    const now = await server.figures();
    mostHeap = Math.max(mostHeap, now.heapBytes - before.heapBytes);
    mostResident = Math.max(mostResident, now.rssBytes - before.rssBytes);
    loopMaxMs = Math.max(loopMaxMs, now.loopMaxMs);
  }
  const writtenAt = performance.now();
  while (counts.some((count) => count < written) && performance.now() - writtenAt < CATCH_UP_MS) await sleep(20);
  const lag = performance.now() - writtenAt;
  const complete = counts.filter((count) => count === written).length;
  console.log(
    `${STALLED} stalled and ${HEALTHY} healthy subscribers, ${written - filled} events, ${EVENTS_PER_SECOND} a second`,
  );
  console.log(`heap                 +${(mostHeap / MIB).toFixed(1)} MiB at most (goal ${MEMORY_GOAL_MIB})`);
  console.log(`resident             +${(mostResident / MIB).toFixed(1)} MiB at most`);
  console.log(`event loop           ${loopMaxMs.toFixed(0)} ms late at most (goal ${LOOP_GOAL_MS})`);
  console.log(`healthy, received    ${Math.min(...counts)} to ${Math.max(...counts)}`);
  console.log(`healthy, complete    ${complete} of ${HEALTHY}, the last ${lag.toFixed(0)} ms after the last event`);
  for (const socket of [...healthy, ...stalled]) socket.terminate();
  await server.stop();
  await world.close();
}

void main();
