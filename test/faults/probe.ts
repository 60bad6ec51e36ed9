import { writeFileSync } from 'node:fs';

/**
 * Loaded into a Portico process of the fault run beside it (`node --require`): on SIGUSR2 it writes what the process
 * holds to the file named by PROBE_FILE. Memory is counted after a collection (`--expose-gc`), so it is what is held and
 * not what is waiting to be collected.
 */
export interface Held {
  readonly heapBytes: number;
  /** Of the event loop, by kind: TCPSocketWrap, Timeout … */
  readonly resources: Readonly<Record<string, number>>;
}

process.on('SIGUSR2', () => {
  globalThis.gc?.();
  const resources: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) resources[kind] = (resources[kind] ?? 0) + 1;
  const held: Held = { heapBytes: process.memoryUsage().heapUsed, resources };
  writeFileSync(String(process.env['PROBE_FILE']), JSON.stringify(held));
});
