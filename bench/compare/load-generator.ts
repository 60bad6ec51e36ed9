/**
 * Sends the same requests over and over for some seconds, one at a time on each of its connections, and prints what came
 * back as one line of JSON. A process of its own, so that its work is counted with nobody's, and with no more work than it
 * takes to know that an answer is good and where it ends: it shares the processors with what it measures.
 *
 * Standard input holds a Task as JSON.
 */
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { AnswerReader } from './answer-reader';
import type { Sent } from './reads';

interface Task {
  /** More than one for a service of several processes; the connections are shared out. */
  readonly urls: readonly string[];
  readonly connections: number;
  readonly seconds: number;
  /** Ends after so many requests, if that is sooner. */
  readonly requestsMax?: number;
  readonly requests: readonly Sent[];
}

const LATENCIES_MAX = 4_000_000;
const FAULTS_MAX = 100;
/** Of what a connection reads at once. */
const READ_BYTES = 65_536;

/** A request as it goes out; the same bytes each time. */
function writeOut({ method, path, headers, body = '' }: Sent, host: string): Buffer {
  const length = method === 'POST' ? { 'content-length': String(Buffer.byteLength(body)) } : {};
  const lines = Object.entries({ host, connection: 'keep-alive', ...headers, ...length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${head}\r\n${body}`);
}

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

  const work = (url: URL, written: readonly Buffer[]): Promise<void> =>
    new Promise((resolve) => {
      let sentAt = 0;
      const fail = (fault: string): void => {
        faults += 1;
        firstFault ||= fault;
      };
      const reader = new AnswerReader();
      const send = (now: number): void => {
        if (now >= endsAt || done >= requestsMax || faults > FAULTS_MAX) {
          socket.destroy();
          return;
        }
        const request = written[next % written.length] as Buffer;
        next += 1;
        sentAt = now;
        socket.write(request);
      };
      const receive = (count: number, buffer: Uint8Array): boolean => {
        if (!reader.read(Buffer.from(buffer.buffer, buffer.byteOffset, count))) return true;
        const now = performance.now();
        if (reader.status === 200) {
          latencies[done] = now - sentAt;
          done += 1;
          bytes += reader.bodyBytes;
        } else fail(`${reader.status} ${reader.refusal}`);
        send(now);
        return true;
      };
      const socket = connect({
        host: url.hostname,
        port: Number(url.port),
        noDelay: true,
        onread: { buffer: Buffer.allocUnsafe(READ_BYTES), callback: receive },
      });
      socket.once('connect', () => send(performance.now()));
      socket.once('error', (error) => fail(String(error)));
      socket.once('end', () => fail('the connection was ended'));
      socket.once('close', () => resolve());
    });

  const targets = urls.map((each) => {
    const url = new URL(each);
    return { url, written: requests.map((request) => writeOut(request, url.host)) };
  });
  await Promise.all(
    Array.from({ length: connections }, (_, n) => {
      const { url, written } = targets[n % targets.length] as (typeof targets)[number];
      return work(url, written);
    }),
  );
  const took = (performance.now() - startedAt) / 1_000;
  const sorted = latencies.subarray(0, done).sort();
  const at = (share: number): number => sorted[Math.min(done - 1, Math.floor(done * share))] ?? 0;
  const rate = done / took;
  console.log(JSON.stringify({ done, faults, firstFault, rate, p50: at(0.5), p99: at(0.99), bytes: bytes / done }));
}

void main();
