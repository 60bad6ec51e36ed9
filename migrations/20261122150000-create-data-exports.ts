import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Copies of people's data, and their bytes in parts that any process can serve. */
export class CreateDataExports1795359600000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE data_exports (
        user_id uuid NOT NULL,
        id uuid NOT NULL,
        session_id uuid NOT NULL,
        state text NOT NULL,
        attempts integer NOT NULL DEFAULT 0,
        size_bytes integer,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3),
        CONSTRAINT data_exports_pkey PRIMARY KEY (user_id, id),
        CONSTRAINT data_exports_state CHECK (state IN ('QUEUED', 'RUNNING', 'DONE', 'FAILED')),
        CONSTRAINT data_exports_done CHECK ((state = 'DONE') = (expires_at IS NOT NULL AND size_bytes IS NOT NULL))
      )
    `);
    await runner.query(`
      CREATE UNIQUE INDEX data_exports_unfinished ON data_exports (user_id) WHERE state IN ('QUEUED', 'RUNNING')
    `);
    await runner.query(`
      CREATE INDEX data_exports_by_age ON data_exports (created_at)
    `);
    await runner.query(`
      CREATE TABLE data_export_parts (
        user_id uuid NOT NULL,
        export_id uuid NOT NULL,
        seq integer NOT NULL,
        bytes bytea NOT NULL,
        CONSTRAINT data_export_parts_pkey PRIMARY KEY (user_id, export_id, seq)
      )
    `);
    // They are packed already.
    await runner.query(`
      ALTER TABLE data_export_parts ALTER COLUMN bytes SET STORAGE EXTERNAL
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE data_export_parts
    `);
    await runner.query(`
      DROP TABLE data_exports
    `);
  }
}
