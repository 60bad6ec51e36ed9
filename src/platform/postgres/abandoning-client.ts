import { Client, type ClientConfig } from 'pg';
import { StatementBatch } from './statement-batch';
import { StatementQuery } from './statement-query';

/** What node-postgres says when `query_timeout` is over; it gives the error no code. */
const READ_TIMEOUT = 'Query read timeout';
const HEARD_ELSEWHERE = () => {};

/**
 * A connection that is given up when its server does not answer within `query_timeout`. node-postgres alone would put
 * it back into the pool still waiting for that answer, and whatever was asked of it next would wait as long: behind a
 * network that lost the connection without a word, a pool could not be used for as long as TCP keeps trying.
 *
 * A lost connection fails the statement in flight, and the pool hears of it while nobody has the client. In between there
 * are moments in which nobody listens: a server that goes down right behind its greeting says both in one packet. Then,
 * too, that must not end the process.
 */
export class AbandoningClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    this.on('error', HEARD_ELSEWHERE);
  }

  // The overloads of `query` differ in what they return; all that matters here is whether that has a promise.
  // biome-ignore lint/suspicious/noExplicitAny: passes on whatever it is given
  override query(...given: any[]): any {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const answer: unknown = (super.query as any)(...given);
    // With a query under way this closes the socket at once, and the pool takes the client back no more.
    const abandon = async (error: Error) => {
      if (error.message === READ_TIMEOUT) await this.end();
    };
    const answered = answer instanceof StatementQuery || answer instanceof StatementBatch ? answer.answered : answer;
    if (answered instanceof Promise) answered.catch(abandon).catch(() => {});
    return answer;
  }
}
