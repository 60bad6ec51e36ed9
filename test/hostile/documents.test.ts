import { startTestApp, type TestApp } from '../support/app';
import { barePipelines, refusalOf } from './bare-pipeline';
import { type Clients, connectClients, type Verdict } from './clients';
import { CORPUS, type Family, type Hostile, type HostileTransport, TRANSPORTS } from './corpus';

/** Production's policy for strangers. Messages may be large here, so that it is the pipeline which refuses them. */
const ENV = {
  INTROSPECTION: 'off',
  PLAYGROUND: 'off',
  HTTP_BODY_MAX_BYTES: '16000000',
  SOCKET_MESSAGE_MAX_BYTES: '16000000',
  SOCKET_MESSAGES_PER_SECOND: '100000',
  SOCKET_OPERATIONS_PER_SECOND: '100000',
};
const ANSWER_MAX_BYTES = 4_096;
const CORPUS_MIN = 300;
const CPU_MEDIAN_MAX_MS = 5;
const CPU_ROUNDS = 3;

describe('a hostile operation', () => {
  let app: TestApp;
  let clients: Clients;

  beforeAll(async () => {
    app = await startTestApp({ env: ENV });
    clients = await connectClients(app);
  });
  afterAll(async () => {
    clients.close();
    await app.close();
  });

  it(`is one of at least ${CORPUS_MIN}, each with a name of its own`, () => {
    const names = CORPUS.flatMap(({ family, members }) => members.map(({ name }) => `${family}: ${name}`));
    expect(names.length).toBeGreaterThanOrEqual(CORPUS_MIN);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it.each(CORPUS)('is refused alike over every transport, in few bytes and without SQL: $family', async (family) => {
    const linesBefore = app.log.length;
    const wrong: string[] = [];
    for (const { hostile, transport } of requestsOf(family)) {
      const fault = faultOf(hostile, await clients.send[transport](hostile.payload));
      if (fault) wrong.push(`${hostile.name} (${transport}): ${fault}`);
    }
    expect(wrong).toEqual([]);
    const lines = app.log.slice(linesBefore);
    const operations = lines.filter(({ msg }) => msg === 'operation');
    expect(operations.length).toBeGreaterThanOrEqual(family.members.length);
    expect(operations.filter((line) => line['statements'] !== 0 || line['type'] !== 'refused')).toEqual([]);
    expect(lines.filter(({ level }) => level === 'error' || level === 50)).toEqual([]);
  });

  it('takes little CPU to refuse', async () => {
    const pipeline = (await barePipelines())();
    const members = CORPUS.flatMap(({ family, members }) => members.map((hostile) => ({ family, hostile })));
    const costs = members.map(({ family, hostile }) => ({ family, name: hostile.name, ms: Number.POSITIVE_INFINITY }));
    // The best of a few rounds: what the refusal itself takes, without the collection of somebody else's garbage.
    for (let round = 0; round < CPU_ROUNDS; round += 1) {
      for (const [index, { hostile }] of members.entries()) {
        const body = JSON.stringify(hostile.payload);
        const before = process.cpuUsage();
        const refused = (await refusalOf(pipeline, body)) !== null;
        const { user, system } = process.cpuUsage(before);
        const cost = costs[index];
        if (cost) cost.ms = Math.min(cost.ms, (user + system) / 1_000);
        expect({ name: hostile.name, refused }).toEqual({ name: hostile.name, refused: true });
      }
    }
    costs.sort((a, b) => a.ms - b.ms);
    const median = costs[Math.floor(costs.length / 2)]?.ms ?? Number.NaN;
    const [worst] = costs.slice(-1);
    if (process.env['HOSTILE_WORST']) console.log(costs.slice(-12));
    console.log(
      `${costs.length} hostile operations: median ${median.toFixed(2)} ms CPU, worst ${worst?.ms.toFixed(1)} ms (${worst?.family}: ${worst?.name})`,
    );
    expect(median).toBeLessThanOrEqual(CPU_MEDIAN_MAX_MS);
  });
});

function requestsOf({ members, transports = TRANSPORTS }: Family): { hostile: Hostile; transport: HostileTransport }[] {
  return members.flatMap((hostile) => transports.map((transport) => ({ hostile, transport })));
}

/** What is wrong with the answer; null when it is the refusal that is due. */
function faultOf({ code, says }: Hostile, { codes, messages, bytes }: Verdict): string | null {
  if (codes.length !== 1 || codes[0] !== code) return `${codes.join()} instead of ${code}: ${messages.slice(0, 200)}`;
  if (says && !says.test(messages)) return `refused for another reason: ${messages.slice(0, 200)}`;
  if (bytes > ANSWER_MAX_BYTES) return `answered with ${bytes} bytes`;
  return /did you mean/i.test(messages) ? `suggests a name: ${messages}` : null;
}
