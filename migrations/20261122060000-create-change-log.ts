import type { MigrationInterface, QueryRunner } from 'typeorm';

/** One log per viewer of what they must learn, and the row that numbers its entries. */
export class CreateChangeLog1795327200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Each append updates the stream's row: room on its page keeps that from touching the index.
    await runner.query(`
      CREATE TABLE change_streams (
        viewer_id uuid NOT NULL,
        last_seq integer NOT NULL DEFAULT 0,
        CONSTRAINT change_streams_pkey PRIMARY KEY (viewer_id),
        CONSTRAINT change_streams_not_negative CHECK (last_seq >= 0)
      ) WITH (fillfactor = 50)
    `);
    await runner.query(`
      CREATE TABLE change_entries (
        viewer_id uuid NOT NULL,
        seq integer NOT NULL,
        scope text NOT NULL,
        kind text NOT NULL,
        node_id uuid NOT NULL,
        version integer,
        deleted boolean NOT NULL DEFAULT FALSE,
        event_id uuid,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT change_entries_pkey PRIMARY KEY (viewer_id, seq)
      )
    `);
    await runner.query(`
      CREATE UNIQUE INDEX change_entries_once ON change_entries (viewer_id, event_id, scope, kind, node_id)
        WHERE event_id IS NOT NULL
    `);
    await runner.query(`
      CREATE INDEX change_entries_by_age ON change_entries (created_at)
    `);
    await runner.query(`
      CREATE TABLE change_log_epochs (
        epoch text NOT NULL,
        system_identifier text,
        since timestamptz(3) NOT NULL,
        CONSTRAINT change_log_epochs_pkey PRIMARY KEY (epoch)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE change_log_epochs
    `);
    await runner.query(`
      DROP TABLE change_entries
    `);
    await runner.query(`
      DROP TABLE change_streams
    `);
  }
}
