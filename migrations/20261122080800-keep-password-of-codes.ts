import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which password a code was given for. Those given before are of none that there is: each lives for a minute. */
export class KeepPasswordOfCodes1795334880000 implements MigrationInterface {
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
