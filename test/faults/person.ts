import { systemClock } from '../../src/kernel/clock';
import { encodeId, newId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import type { Cluster } from './cluster';

/** Short, so that streams end by their tokens now and then, and clients come back with new ones. */
const TOKEN_SECONDS = 45;
const TOKEN_SPARE_MS = 10_000;

/** An account with a live session. */
export interface Person {
  /** The TypeID in the API. */
  readonly id: string;
  readonly handle: string;
  /** One that is valid for a while. */
  token(): Promise<string>;
}

export type MakePeople = (prefix: string, count: number) => Promise<Person[]>;

/** Makes accounts straight in the database: passwords would cost more than the run. */
export async function createPeople(cluster: Cluster): Promise<MakePeople> {
  const tokens = await AccessTokens.create({
    signingKeyPem: cluster.signingKeyPem,
    issuer: cluster.publicUrl,
    lifetimeSeconds: TOKEN_SECONDS,
    clock: systemClock,
  });
  return async (prefix, count) => {
    const accounts = Array.from({ length: count }, (_, index) => {
      return { userId: newId(), sessionId: newId(), handle: `${prefix}${index}` };
    });
    await cluster.sql(
      `WITH given AS (SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS g (id, session_id, handle)),
         u AS (INSERT INTO users (id, name, handle, private, created_at, updated_at)
               SELECT id, handle, handle, false, now(), now() FROM given),
         h AS (INSERT INTO user_handles (handle_key, user_id) SELECT lower(handle), id FROM given)
       INSERT INTO sessions (id, user_id, created_at, last_used_at) SELECT session_id, id, now(), now() FROM given`,
      [accounts.map((a) => a.userId), accounts.map((a) => a.sessionId), accounts.map((a) => a.handle)],
    );
    return accounts.map(({ userId, sessionId, handle }) => {
      let issued = { until: 0, token: '' };
      return {
        id: encodeId('user', userId),
        handle,
        async token() {
          if (Date.now() > issued.until) {
            const token = await tokens.issue({ userId, sessionId });
            issued = { token, until: Date.now() + TOKEN_SECONDS * 1_000 - TOKEN_SPARE_MS };
          }
          return issued.token;
        },
      };
    });
  };
}
