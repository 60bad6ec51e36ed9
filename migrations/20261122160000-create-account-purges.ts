import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Deleted accounts whose traces are being removed, the handles that stay taken for a while afterwards, and what finds
 * the traces of one person.
 */
export class CreateAccountPurges1795363200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account_purges (
        user_id uuid NOT NULL,
        event_id uuid NOT NULL,
        conversation_id uuid,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT account_purges_pkey PRIMARY KEY (user_id)
      )
    `);
    // Counts read this table. Of one never looked at, PostgreSQL expects thousands of rows.
    await runner.query(`
      ANALYZE account_purges
    `);
    await runner.query(`
      ALTER TABLE user_handles ADD COLUMN held_until timestamptz(3)
    `);
    await runner.query(`
      CREATE INDEX user_handles_held ON user_handles (held_until) WHERE held_until IS NOT NULL
    `);
    await runner.query(`
      CREATE INDEX comments_by_writer ON comments (author_id, post_id) WHERE deleted_at IS NULL
    `);
    await runner.query(`
      CREATE INDEX likes_by_user ON likes (user_id, post_id)
    `);
    await runner.query(`
      CREATE INDEX mutes_by_muted ON mutes (muted_id)
    `);
    await runner.query(`
      CREATE INDEX oauth_codes_by_user ON oauth_codes (user_id)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    const indexes = [
      'oauth_codes_by_user',
      'mutes_by_muted',
      'likes_by_user',
      'comments_by_writer',
      'user_handles_held',
    ];
    for (const index of indexes) {
      await runner.query(`
        DROP INDEX ${index}
      `);
    }
    await runner.query(`
      ALTER TABLE user_handles DROP COLUMN held_until
    `);
    await runner.query(`
      DROP TABLE account_purges
    `);
  }
}
