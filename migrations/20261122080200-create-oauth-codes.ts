import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Authorization codes, each stored as its SHA-256 only. */
export class CreateOauthCodes1795334520000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE oauth_codes (
        code_hash text NOT NULL,
        user_id uuid NOT NULL,
        client_id text NOT NULL,
        redirect_uri text NOT NULL,
        code_challenge text NOT NULL,
        key_thumbprint text,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        used_at timestamptz(3),
        session_id uuid,
        CONSTRAINT oauth_codes_pkey PRIMARY KEY (code_hash)
      )
    `);
    await runner.query(`
      CREATE INDEX oauth_codes_by_expiry ON oauth_codes (expires_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE oauth_codes
    `);
  }
}
