/** Prints how long other queries take while a flood of people signs in, with the password hashes of production. */
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { startBenchService } from './service';

const AT_ONCE = Number(process.argv[2] ?? 200);
const SECONDS = Number(process.argv[3] ?? 8);
const GOAL_MS = 100;
/** Between two queries of the client that is measured. */
const PAUSE_MS = 5;
const WARM_UP_MS = 2_000;
/** What somebody waits who is told to come back in a few seconds: so long, and up to twice as long. */
const RETRY_MS = 2_000;
const POSTS = 30;

const FEED = '{ viewer { user { handle } feed(first: 20) { nodes { id text author { id handle } } } } }';
const SIGN_UP = `mutation ($i: SignUpInput!) { signUp(input: $i) { accessToken userErrors { message } } }`;
const SIGN_IN = 'mutation ($i: SignInInput!) { signIn(input: $i) { accessToken userErrors { code } } }';

interface Asked {
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  readonly body: any;
  readonly ms: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });

function ask(url: string, query: string, variables: object = {}, token?: string): Promise<Asked> {
  const sent = JSON.stringify({ query, variables });
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) };
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const asked = request(`${url}/graphql`, { method: 'POST', headers, agent }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('end', () => {
        const ms = performance.now() - startedAt;
        resolve({ body: JSON.parse(Buffer.concat(chunks).toString()), ms });
      });
    });
    asked.on('error', reject).end(sent);
  });
}

/** Asks one query after the other for so long, and answers how long each took, in order of size. */
async function measure(url: string, token: string, forMs: number): Promise<number[]> {
  const taken: number[] = [];
  for (const until = performance.now() + forMs; performance.now() < until; ) {
    const { body, ms } = await ask(url, FEED, {}, token);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    taken.push(ms);
    await sleep(PAUSE_MS);
  }
  return taken.sort((a, b) => a - b);
}

/** So many people who sign in again and again, every other one with a handle that nobody has. */
function startFlood(url: string) {
  let open = true;
  const counts = { answered: 0, refused: 0 };
  const person = async (n: number) => {
    for (let i = 0; open; i += 1) {
      const login = n % 2 ? 'flooded' : `nobody_${n}_${i}`;
      const { body } = await ask(url, SIGN_IN, { i: { login, password: 'a wrong password' } });
      if (body.data?.signIn) counts.answered += 1;
      else {
        counts.refused += 1;
        await sleep(RETRY_MS * (1 + Math.random()));
      }
    }
  };
  const people = Array.from({ length: AT_ONCE }, (_, n) => person(n));
  const stop = async () => {
    open = false;
    await Promise.all(people);
  };
  return { counts, stop };
}

/** So many people who sign in once, all at the same moment; who is told to wait comes back. Answers when the last is in. */
async function rush(url: string, password: string): Promise<number> {
  const startedAt = performance.now();
  const person = async () => {
    for (;;) {
      const { body } = await ask(url, SIGN_IN, { i: { login: 'flooded', password } });
      if (body.data?.signIn?.accessToken) return;
      await sleep(RETRY_MS * (1 + Math.random()));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, person));
  return performance.now() - startedAt;
}

function print(what: string, taken: readonly number[], goal = ''): void {
  const at = (percent: number) => (taken[Math.floor((taken.length * percent) / 100)] ?? 0).toFixed(1);
  console.log(`${what.padEnd(18)} p50 ${at(50)} ms, p99 ${at(99)} ms${goal}, ${taken.length} queries`);
}

async function main(): Promise<void> {
  const service = await startBenchService();
  const { url } = service;
  try {
    const account = { name: 'Flooded', handle: 'flooded', email: 'flooded@example.com', password: 'correct horse' };
    const token = (await ask(url, SIGN_UP, { i: account })).body.data.signUp.accessToken;
    const write = 'mutation ($i: CreatePostInput!) { createPost(input: $i) { replayed } }';
    for (let n = 0; n < POSTS; n += 1) await ask(url, write, { i: { text: `Post number ${n}` } }, token);
    await measure(url, token, WARM_UP_MS);
    const alone = await measure(url, token, SECONDS * 1_000);
    const flood = startFlood(url);
    await measure(url, token, WARM_UP_MS);
    const { answered } = flood.counts;
    const during = await measure(url, token, SECONDS * 1_000);
    const rate = (flood.counts.answered - answered) / SECONDS;
    await flood.stop();
    const rushMs = await rush(url, account.password);
    print('without the flood', alone);
    print('during the flood', during, ` (goal ${GOAL_MS})`);
    console.log(
      `${AT_ONCE} sign in at once: ${rate.toFixed(0)} a second answered, ${flood.counts.refused} told to wait`,
    );
    console.log(`${AT_ONCE} who sign in once, at the same moment: all in after ${(rushMs / 1_000).toFixed(1)} s`);
  } finally {
    agent.destroy();
    await service.stop();
  }
}

void main();
