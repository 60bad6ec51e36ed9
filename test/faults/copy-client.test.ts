import { setTimeout as sleep } from 'node:timers/promises';
import { Dice } from '../fuzz/random';
import { eventually } from '../support/interleaving';
import type { Api } from './api';
import { checkCopy } from './check-copy';
import { CopyClient } from './copy-client';
import { loadCopy } from './copy-shape';
import { copyOf, foldHistory, type Violation } from './history';
import { Facts } from './ledger';
import type { LiveConnection, Transport } from './live-transport';
import { ModelServer } from './model-server';
import type { Person } from './person';

let connect: () => LiveConnection;
jest.mock('./live-transport', () => ({ connectLive: async () => connect() }));

const VIEWER: Person = { id: 'user_me', handle: 'me', token: async () => 'token' };
const WRITES = 120;
const now = () => performance.now();

/** Writes while a client keeps its copy over connections that end; answers what the checker then says. */
async function keepCopy(
  seed: number,
  transport: Transport,
  skips = 0,
): Promise<{ client: CopyClient; found: Violation[] }> {
  const server = new ModelServer(seed, now, skips);
  connect = () => server.connect();
  const insist = async (_as: Person, query: string, variables: object) => {
    // Answers take time, in which more is written.
    await sleep(0);
    return server.answer(query, variables);
  };
  const api = { insist } as unknown as Api;
  const dice = new Dice(seed);
  const client = new CopyClient('client', VIEWER, transport, api, { ports: [1], dice, now }, () => undefined);
  for (let write = 0; write < 5; write += 1) server.write();
  client.start();
  for (let write = 0; write < WRITES; write += 1) {
    server.write();
    if (dice.chance(0.3)) await sleep(dice.between(0, 3));
    if (dice.chance(0.05)) client.leave(dice.between(0, 30));
  }
  // The last one is told in any case: the client shall come to the end of the log.
  server.skips = 0;
  server.write();
  const truth = copyOf(await loadCopy(api, VIEWER));
  const log = server.entries.map(({ cursor }) => cursor);
  const check = () => checkCopy(client.history(), truth, log, new Facts(server.ledger));
  const reached = () => client.history().records.some(({ kind }) => kind === 'loaded') && client.isAt(log.at(-1) ?? '');
  await eventually('the client has read the whole log', reached);
  await client.stop();
  return { client, found: check() };
}

describe('the client that keeps a copy', () => {
  let recovered = 0;
  it.each([
    [1, 'websocket'],
    [2, 'sse'],
    [3, 'websocket'],
    [4, 'sse'],
  ] as const)(
    'has the same as the server at the end, whatever ends or is reset (seed %i, %s)',
    async (seed, transport) => {
      const { client, found } = await keepCopy(seed, transport);
      expect(found).toEqual([]);
      expect(client.complaints).toEqual([]);
      expect(foldHistory(client.records).size).toBeGreaterThan(5);
      recovered += client.recovered;
    },
  );

  it('has gone on where it was at times, and not begun anew each time', () => {
    expect(recovered).toBeGreaterThan(0);
  });

  it('is found to lack something when the server leaves it out and says that it recovered', async () => {
    let found: Violation[] = [];
    for (let seed = 1; found.length === 0 && seed <= 60; seed += 1) {
      found = (await keepCopy(seed, 'websocket', 0.4)).found;
    }
    expect(new Set(found.map(({ fault }) => fault))).toContain('hole');
  });
});
