import { createHash } from 'node:crypto';
import type { TestApp } from './app';

/** What the audit trail tells of a session whose refresh token was copied. */
export const REUSED = ['token.reused', 'session.ended: reused'];

let accounts = 0;

const hash = (token: string) => createHash('sha256').update(token).digest('base64url');

/** People with refresh tokens, and what stands in the database of them. */
export function refreshTokensOf(app: () => TestApp) {
  return {
    /** Signs somebody up; answers the first pair of tokens. */
    async signUp(): Promise<{ accessToken: string; refreshToken: string; sessionId: string }> {
      accounts += 1;
      const handle = `rider${accounts}`;
      const account = { name: handle, handle, email: `${handle}@example.com`, password: 'correct horse battery' };
      const document = 'mutation ($input: SignUpInput!) { signUp(input: $input) { accessToken refreshToken } }';
      const { signUp: made } = await app().ok(document, { input: account });
      const { rows } = await app().sql.query('SELECT session_id FROM refresh_tokens WHERE token_hash = $1', [
        hash(made.refreshToken),
      ]);
      return { ...made, sessionId: rows[0].session_id };
    },

    /** Moves the times of a token into the past. */
    async age(token: string, column: 'used_at' | 'expires_at', seconds: number): Promise<void> {
      await app().sql.query(
        `UPDATE refresh_tokens SET ${column} = ${column} - make_interval(secs => $2) WHERE token_hash = $1`,
        [hash(token), seconds],
      );
    },

    async tokenRow(token: string) {
      const { rows } = await app().sql.query('SELECT * FROM refresh_tokens WHERE token_hash = $1', [hash(token)]);
      return rows[0];
    },

    /** What the audit trail tells of a session after it was opened. */
    async audited(sessionId: string): Promise<string[]> {
      const { rows } = await app().sql.query(
        `SELECT kind, details::json ->> 'why' AS why FROM audit_events
         WHERE session_id = $1 AND kind <> 'session.opened' ORDER BY seq`,
        [sessionId],
      );
      return rows.map(({ kind, why }) => (why ? `${kind}: ${why}` : kind));
    },
  };
}
