import { Client } from 'pg';

/** What node-postgres says when `query_timeout` is over; it gives the error no code. */
const READ_TIMEOUT = 'Query read timeout';

/**
 * A connection that is given up when its server does not answer within `query_timeout`. node-postgres alone would put
 * it back into the pool still waiting for that answer, and whatever was asked of it next would wait as long: behind a
 * network that lost the connection without a word, a pool could not be used for as long as TCP keeps trying.
 */
export class AbandoningClient extends Client {
  // The overloads of `query` differ in what they return; all that matters here is whether that is a promise.
  // biome-ignore lint/suspicious/noExplicitAny: passes on whatever it is given
  override query(...given: any[]): any {
    // biome-ignore lint/suspicious/noExplicitAny: as above
    const answer: unknown = (super.query as any)(...given);
    // With a query under way this closes the socket at once, and the pool takes the client back no more.
    const abandon = async (error: Error) => {
      if (error.message === READ_TIMEOUT) await this.end();
    };
    if (answer instanceof Promise) answer.catch(abandon).catch(() => {});
    return answer;
  }
}
