import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The processes look for accounts that have just been deleted, as they do for sessions that have ended. */
export class IndexDeletedUsers1795334650000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE INDEX users_by_deletion ON users (deleted_at) WHERE deleted_at IS NOT NULL
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX users_by_deletion
    `);
  }
}
