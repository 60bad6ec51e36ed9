import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Passkeys of accounts, the handles that authenticators know accounts by, and challenges that wait for their answer. */
export class CreatePasskeys1795334820000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE passkeys (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        credential_id text NOT NULL,
        public_key text NOT NULL,
        counter bigint NOT NULL,
        transports text NOT NULL,
        aaguid text NOT NULL,
        synced boolean NOT NULL,
        backed_up boolean NOT NULL,
        name text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        last_used_at timestamptz(3),
        CONSTRAINT passkeys_pkey PRIMARY KEY (id),
        CONSTRAINT passkeys_credential_id_key UNIQUE (credential_id)
      )
    `);
    await runner.query(`
      CREATE INDEX passkeys_by_user ON passkeys (user_id, id)
    `);
    await runner.query(`
      CREATE TABLE passkey_handles (
        user_id uuid NOT NULL,
        handle text NOT NULL,
        CONSTRAINT passkey_handles_pkey PRIMARY KEY (user_id)
      )
    `);
    await runner.query(`
      CREATE TABLE passkey_challenges (
        challenge_hash text NOT NULL,
        purpose text NOT NULL,
        user_id uuid,
        session_id uuid,
        details text NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        CONSTRAINT passkey_challenges_pkey PRIMARY KEY (challenge_hash)
      )
    `);
    await runner.query(`
      CREATE INDEX passkey_challenges_by_expiry ON passkey_challenges (expires_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE passkey_challenges
    `);
    await runner.query(`
      DROP TABLE passkey_handles
    `);
    await runner.query(`
      DROP TABLE passkeys
    `);
  }
}
