import type { MigrationInterface, QueryRunner } from 'typeorm';

/** By which password somebody signed in for a code; 0 where nobody noted it. */
export class NotePasswordVersionOfCodes1795334940000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE oauth_codes ADD COLUMN password_version integer NOT NULL DEFAULT 0
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE oauth_codes DROP COLUMN password_version
    `);
  }
}
