import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Which rows of which copies are kept were changed by which transaction, for the processes that keep them. The default
 * of the time is that of the statement, which is the last of its transaction: `now()` would be its beginning.
 */
export class CreateCacheInvalidations1795338240000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE cache_invalidations (
        xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
        keys text[] NOT NULL,
        created_at timestamptz(3) NOT NULL DEFAULT clock_timestamp(),
        CONSTRAINT cache_invalidations_pkey PRIMARY KEY (xid)
      )
    `);
    await runner.query(`
      CREATE INDEX cache_invalidations_by_time ON cache_invalidations (created_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE cache_invalidations
    `);
  }
}
