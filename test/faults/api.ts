import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../fuzz/random';
import type { Person } from './person';

export interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: read by the shape of each query
  readonly data: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
}

const TIMEOUT_MS = 4_000;
const PAUSE_FIRST_MS = 50;
const PAUSE_MAX_MS = 1_500;

/** Worth trying again, as the README says. Whatever else is answered is an answer. */
const AGAIN = new Set([
  'SERVICE_UNAVAILABLE',
  'DEADLINE_EXCEEDED',
  'RATE_LIMITED',
  'REQUEST_TIMEOUT',
  'UNAUTHENTICATED',
]);

/** Asks the service as an app does over a bad network: any process will do, and what fails is tried again. */
export class Api {
  /** Answers that no fault around the service excuses. */
  readonly complaints: string[] = [];
  asked = 0;
  retried = 0;
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 64 });
  private closed = false;

  constructor(
    private readonly ports: readonly number[],
    private readonly dice: Dice,
  ) {}

  /** Retries until there is an answer. A write needs a `clientMutationId`, else it might happen twice. */
  async insist(as: Person, query: string, variables: object): Promise<Answer['data']> {
    for (let attempt = 0; !this.closed; attempt += 1) {
      const answer = await this.ask(as, query, variables).catch(() => null);
      if (answer && !answer.errors) return answer.data;
      const code = answer?.errors?.[0]?.extensions.code;
      if (code && !AGAIN.has(code))
        this.complaints.push(`${code} to ${query.slice(0, 60)}: ${answer?.errors?.[0]?.message}`);
      this.retried += 1;
      await sleep(jittered(attempt, this.dice));
    }
    throw new Error('the run is over');
  }

  /** One try. @throws Error when there is no answer in GraphQL's shape. */
  async ask(as: Person, query: string, variables: object): Promise<Answer> {
    const body = JSON.stringify({ query, variables });
    const authorization = `Bearer ${await as.token()}`;
    const port = this.dice.of(this.ports);
    this.asked += 1;
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), authorization };
      const options = { host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers, agent: this.agent };
      const sent = request(options, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.once('error', reject);
        response.once('end', () => {
          clearTimeout(overdue);
          try {
            resolve(JSON.parse(Buffer.concat(chunks).toString()));
          } catch (error) {
            reject(error);
          }
        });
      });
      const overdue = setTimeout(() => sent.destroy(new Error('no answer in time')), TIMEOUT_MS);
      sent.once('error', reject);
      sent.once('close', () => {
        clearTimeout(overdue);
        reject(new Error('the connection ended'));
      });
      sent.end(body);
    });
  }

  close(): void {
    this.closed = true;
    this.agent.destroy();
  }
}

/** Grows with each attempt up to a bound, never the same for two who failed together. */
export function jittered(attempt: number, dice: Dice): number {
  return (Math.min(PAUSE_FIRST_MS * 2 ** attempt, PAUSE_MAX_MS) * dice.between(50, 100)) / 100;
}
