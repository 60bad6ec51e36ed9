/**
 * Sends the same requests over and over for some seconds, one at a time on each of its connections, and prints what came
 * back as one line of JSON. A process of its own, so that its work is counted with nobody's.
 *
 * Standard input holds a Task as JSON.
 */
import { text } from 'node:stream/consumers';
import { Client, type Dispatcher } from 'undici';

interface Task {
  /** More than one for a service of several processes; the connections are shared out. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Ends after so many requests, if that is sooner. */
  readonly requestsMax?: number;
  readonly requests: readonly {
    readonly method: 'GET' | 'POST';
    readonly path: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
  }[];
}

const LATENCIES_MAX = 4_000_000;

async function main(): Promise<void> {
  const task: Task = JSON.parse(await text(process.stdin));
  const { urls, connections, requests, seconds, requestsMax = LATENCIES_MAX } = task;
  const latencies = new Float64Array(LATENCIES_MAX);
  let next = 0;
  let done = 0;
  let bytes = 0;
  let faults = 0;
  let firstFault = '';
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1_000;

  const work = (client: Client): Promise<void> =>
    new Promise((resolve) => {
      let status = 0;
      let sentAt = 0;
      let received = 0;
      let refusal = '';
      const finish = (fault: string | null): void => {
        if (fault === null) {
          latencies[done] = performance.now() - sentAt;
          done += 1;
          bytes += received;
        } else {
          faults += 1;
          firstFault ||= fault;
        }
        send();
      };
      const handler: Dispatcher.DispatchHandler = {
        onRequestStart() {},
        onResponseStart(_controller, statusCode) {
          status = statusCode;
          received = 0;
          refusal = '';
        },
        onResponseData(_controller, chunk) {
          received += chunk.length;
          if (status !== 200 && refusal.length < 500) refusal += chunk.toString();
        },
        onResponseEnd: () => finish(status === 200 ? null : `${status} ${refusal}`),
        onResponseError: (_controller, error) => finish(String(error)),
      };
      const send = (): void => {
        if (performance.now() >= endsAt || done >= requestsMax || faults > 100) {
          resolve();
          return;
        }
        const request = requests[next % requests.length] as Task['requests'][number];
        next += 1;
        sentAt = performance.now();
        client.dispatch(request as Dispatcher.DispatchOptions, handler);
      };
      send();
    });

  const clients = Array.from({ length: connections }, (_, n) => new Client(urls[n % urls.length] as string));
  await Promise.all(clients.map(work));
  const took = (performance.now() - startedAt) / 1_000;
  await Promise.all(clients.map((client) => client.destroy()));
  const sorted = latencies.subarray(0, done).sort();
  const at = (share: number): number => sorted[Math.min(done - 1, Math.floor(done * share))] ?? 0;
  const rate = done / took;
  console.log(JSON.stringify({ done, faults, firstFault, rate, p50: at(0.5), p99: at(0.99), bytes: bytes / done }));
}

void main();
