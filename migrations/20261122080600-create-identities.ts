import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Who people are at other issuers. One subject of an issuer is one account's: the primary key is what fifty first
 * sign-ins at once meet at. An ID token is stored as its SHA-256 only, until it ends.
 */
export class CreateIdentities1795334760000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE identities (
        issuer text NOT NULL,
        subject text NOT NULL,
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        linked_at timestamptz(3) NOT NULL,
        signed_in_at timestamptz(3) NOT NULL,
        CONSTRAINT identities_pkey PRIMARY KEY (issuer, subject)
      )
    `);
    await runner.query(`
      CREATE INDEX identities_by_user ON identities (user_id)
    `);
    await runner.query(`
      CREATE TABLE spent_id_tokens (
        token_hash text NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        key_hash text,
        user_id uuid,
        session_id uuid,
        CONSTRAINT spent_id_tokens_pkey PRIMARY KEY (token_hash)
      )
    `);
    await runner.query(`
      CREATE INDEX spent_id_tokens_by_expiry ON spent_id_tokens (expires_at)
    `);
    await runner.query(`
      CREATE TABLE issuer_sessions (
        issuer text NOT NULL,
        subject text NOT NULL,
        issuer_session text NOT NULL,
        session_id uuid NOT NULL,
        seen_at timestamptz(3) NOT NULL,
        CONSTRAINT issuer_sessions_pkey PRIMARY KEY (issuer, subject, issuer_session)
      )
    `);
    await runner.query(`
      CREATE INDEX issuer_sessions_by_sight ON issuer_sessions (seen_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE issuer_sessions
    `);
    await runner.query(`
      DROP TABLE spent_id_tokens
    `);
    await runner.query(`
      DROP TABLE identities
    `);
  }
}
