/** The service as a child process, for benches that measure it from outside. Prints its port, answers questions by IPC. */
import { generateKeyPairSync } from 'node:crypto';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { startApp } from '../src/app';
import { loadConfig } from '../src/config';
import { createLog } from '../src/platform/telemetry/log';

const BENCH_ENV = {
  NODE_ENV: 'test',
  PORT: '0',
  JOBS_CONCURRENCY: '0',
  // Nobody rings for what is written around the service.
  LIVE_POLL_MS: '100',
  BUDGET_CAPACITY: '1000000000',
  LOAD_SHED_DELAY_MS: '60000',
  SOCKETS_PER_ADDRESS: '100000',
  // Who stands still stays, so that it can be measured what that costs.
  SOCKET_PING_INTERVAL_MS: '600000',
};
const NANOSECONDS_PER_MS = 1_000_000;

/** What the service takes, and how late its event loop has run at most since the last question. */
export interface Figures {
  readonly heapBytes: number;
  readonly rssBytes: number;
  readonly loopMaxMs: number;
}

async function main(databaseUrl: string): Promise<void> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const config = loadConfig({ ...BENCH_ENV, DATABASE_URL: databaseUrl });
  const log = createLog({ level: 'silent', format: 'json' });
  const secretKey = 'a secret for benchmarks that nobody knows';
  const app = await startApp({ config, databaseUrl, directUrl: databaseUrl, secretKey, signingKeyPem, log });
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  process.on('message', (asked) => {
    if (asked === 'stop') return void app.close().then(() => process.exit(0));
    const loopMaxMs = delay.max / NANOSECONDS_PER_MS;
    // A collection that is asked for stands in the way of everything: at rest only.
    if (asked === 'figures at rest') for (let round = 0; round < 3; round += 1) global.gc?.();
    const { heapUsed, external, rss } = process.memoryUsage();
    delay.reset();
    process.send?.({ heapBytes: heapUsed + external, rssBytes: rss, loopMaxMs } satisfies Figures);
  });
  process.send?.({ url: app.url });
}

void main(process.argv[2] as string);
