import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passwords, sessions and refresh tokens. A refresh token is stored as its SHA-256 only. */
export class CreateAuth1795323720000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE credentials (
        user_id uuid NOT NULL,
        email text NOT NULL,
        password_hash text NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        CONSTRAINT credentials_pkey PRIMARY KEY (user_id)
      )
    `);
    await runner.query(`
      CREATE TABLE credential_emails (
        email_key text NOT NULL,
        user_id uuid NOT NULL,
        CONSTRAINT credential_emails_pkey PRIMARY KEY (email_key)
      )
    `);
    await runner.query(`
      CREATE TABLE sessions (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3) NOT NULL,
        revoked_at timestamptz(3),
        CONSTRAINT sessions_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE INDEX sessions_by_user ON sessions (user_id)
    `);
    await runner.query(`
      CREATE TABLE refresh_tokens (
        token_hash text NOT NULL,
        session_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        used_at timestamptz(3),
        CONSTRAINT refresh_tokens_pkey PRIMARY KEY (token_hash)
      )
    `);
    await runner.query(`
      CREATE INDEX refresh_tokens_by_session ON refresh_tokens (session_id)
    `);
    await runner.query(`
      CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE refresh_tokens
    `);
    await runner.query(`
      DROP TABLE sessions
    `);
    await runner.query(`
      DROP TABLE credential_emails
    `);
    await runner.query(`
      DROP TABLE credentials
    `);
  }
}
