import { Agent, request } from 'node:http';
import { startTestApp, type TestApp } from '../support/app';
import { report } from '../support/global-setup';
import { member } from '../support/passwords';
import { greatestWelchT, type Sample, welchT } from '../support/welch';

const SIGN_INS = Number(process.env['TIMED_SIGN_INS'] ?? 10_000);
const RESETS = SIGN_INS / 4;
const KNOWN = 16;
/** Beyond it the classes differ with more than 99.999 % certainty (ISO/IEC 17825). */
const T_MAX = 4.5;
const WARM_UP = 400;
const DEADLINE_MS = 600_000;

let app: TestApp;
let agent: Agent;

beforeAll(async () => {
  // A cheap hash, dear enough to be missed: what else an account costs would drown in a dear one.
  const env = {
    PASSWORD_HASH_MEMORY_KIB: '1024',
    PASSWORD_HASH_PASSES: '1',
    JOBS_CONCURRENCY: '0',
    LOG_LEVEL: 'silent',
  };
  app = await startTestApp({ env });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let i = 0; i < KNOWN; i += 1) await member(app, `known_${10 + i}`);
}, DEADLINE_MS);
afterAll(async () => {
  agent.destroy();
  await app.close();
});

/** Names of the same form, one half of them of accounts. */
const nameOf = (known: boolean, i: number) => `${known ? 'known' : 'other'}_${10 + (i % KNOWN)}`;

/** Sends one request and answers how long it took, in milliseconds. */
function timed(body: string): Promise<{ text: string; durationMs: number }> {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const sent = request(`${app.url}/graphql`, { method: 'POST', headers, agent }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('end', () => resolve({ text, durationMs: performance.now() - startedAt }));
    });
    sent.on('error', reject).end(body);
  });
}

/** Asks for known and unknown names in an order of chance, and answers how surely the durations differ. */
async function differenceOf(count: number, bodyOf: (name: string, i: number) => string): Promise<number> {
  const samples: Sample[] = [];
  const texts = new Set<string>();
  for (let i = 0; i < count + WARM_UP; i += 1) {
    const secret = Math.random() < 0.5;
    const { text, durationMs } = await timed(bodyOf(nameOf(secret, Math.floor(Math.random() * KNOWN)), i));
    texts.add(JSON.stringify(JSON.parse(text).data));
    if (i >= WARM_UP) samples.push({ secret, durationMs });
  }
  expect(texts.size).toBe(1);
  return greatestWelchT(samples);
}

const mutation = (field: string, input: object) =>
  JSON.stringify({
    query: `mutation ($v: ${field}Input!) { r: ${field[0]?.toLowerCase()}${field.slice(1)}(input: $v) { userErrors { code message path } } }`,
    variables: { v: input },
  });

it("Welch's t is that of the textbook, and finds a difference that the tail hides", () => {
  const [a, b] = [
    [27.5, 21, 19, 23.6, 17, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19, 21.7, 21.4],
    [27.1, 22, 20.8, 23.4, 23.4, 23.5, 25.8, 22, 24.8, 20.2, 21.9, 22.1, 22.9, 30, 23.9],
  ];
  expect(welchT(a ?? [], b ?? [])).toBeCloseTo(-2.8353, 3);
  const noisy = Array.from({ length: 10_000 }, (_, i) => {
    const secret = i % 2 === 0;
    return {
      secret,
      durationMs: 1 + Math.random() * 0.3 + (i % 50 < 2 ? 500 * Math.random() : 0) + (secret ? 0.03 : 0),
    };
  });
  expect(greatestWelchT(noisy)).toBeGreaterThan(T_MAX);
});

it(
  'a sign-in that is refused takes as long for an account as for nobody',
  async () => {
    const t = await differenceOf(SIGN_INS, (name, i) =>
      mutation('SignIn', { login: i % 2 ? name : `${name}@example.com`, password: 'a wrong password' }),
    );
    report(`Sign-ins of known and unknown accounts: Welch's t ${t.toFixed(2)}.`);
    expect(t).toBeLessThan(T_MAX);
  },
  DEADLINE_MS,
);

it(
  'asking to reset a password takes as long for an account as for nobody',
  async () => {
    const t = await differenceOf(RESETS, (name) => mutation('RequestPasswordReset', { email: `${name}@example.com` }));
    report(`Password resets of known and unknown accounts: Welch's t ${t.toFixed(2)}.`);
    expect(t).toBeLessThan(T_MAX);
  },
  DEADLINE_MS,
);
