import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * DPoP proofs that were used, where every process finds them whatever becomes of Redis; and the key by which the owner
 * of a session last showed who they are.
 */
export class KeepUsedProofs1795334700000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE used_proofs (
        id text NOT NULL,
        ends_at timestamptz(3) NOT NULL,
        CONSTRAINT used_proofs_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE INDEX used_proofs_by_end ON used_proofs (ends_at)
    `);
    await runner.query(`
      ALTER TABLE sessions ADD COLUMN confirmed_key text
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE sessions DROP COLUMN confirmed_key
    `);
    await runner.query(`
      DROP TABLE used_proofs
    `);
  }
}
