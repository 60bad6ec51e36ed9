import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One row per retried-or-retriable write: the key a client chose, what it asked, and references to what came of it. */
export class CreateIdempotencyKeys1795323600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotency_keys (
        viewer_id uuid NOT NULL,
        key text NOT NULL,
        operation text NOT NULL,
        input_hash text NOT NULL,
        result jsonb NOT NULL DEFAULT '{}',
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT idempotency_keys_pkey PRIMARY KEY (viewer_id, key)
      )
    `);
    await runner.query(`
      CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE idempotency_keys
    `);
  }
}
