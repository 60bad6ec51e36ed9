import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Since when an address is known to reach its owner, and how often the password was replaced. */
export class ExtendCredentials1795334580000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE credentials
        ADD COLUMN email_verified_at timestamptz(3),
        ADD COLUMN password_version integer NOT NULL DEFAULT 1
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE credentials DROP COLUMN email_verified_at, DROP COLUMN password_version
    `);
  }
}
