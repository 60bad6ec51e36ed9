import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How and when a session was last signed in to, the app that it is of, and the key that its tokens are bound to. */
export class ExtendSessions1795334460000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions
        ADD COLUMN method text NOT NULL DEFAULT 'password',
        ADD COLUMN client_id text NOT NULL DEFAULT 'first-party',
        ADD COLUMN authenticated_at timestamptz(3),
        ADD COLUMN device_id uuid,
        ADD COLUMN key_thumbprint text
    `);
    // The processes look for the newest ends all the time; what lives is not in it.
    await runner.query(`
      CREATE INDEX sessions_by_end ON sessions (revoked_at) WHERE revoked_at IS NOT NULL
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX sessions_by_end
    `);
    await runner.query(`
      ALTER TABLE sessions
        DROP COLUMN method, DROP COLUMN client_id, DROP COLUMN authenticated_at,
        DROP COLUMN device_id, DROP COLUMN key_thumbprint
    `);
  }
}
