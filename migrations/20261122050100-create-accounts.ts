import type { MigrationInterface, QueryRunner } from 'typeorm';

/** People. Handles are unique in a table of their own, so that users can be distributed by id and handles by handle. */
export class CreateAccounts1795323660000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE users (
        id uuid NOT NULL,
        name text NOT NULL,
        handle text NOT NULL,
        bio text,
        private boolean NOT NULL DEFAULT false,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        CONSTRAINT users_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE TABLE user_handles (
        handle_key text NOT NULL,
        user_id uuid NOT NULL,
        CONSTRAINT user_handles_pkey PRIMARY KEY (handle_key)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE user_handles
    `);
    await runner.query(`
      DROP TABLE users
    `);
  }
}
