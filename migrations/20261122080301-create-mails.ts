import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Mails to send or sent. One with a link keeps the hash of the link's token, and a seed from which the token follows
 * only together with a key that is not in the database.
 */
export class CreateMails1795334581000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE mails (
        id uuid NOT NULL,
        user_id uuid NOT NULL,
        kind text NOT NULL,
        email text NOT NULL,
        seed text,
        token_hash text,
        created_at timestamptz(3) NOT NULL,
        expires_at timestamptz(3) NOT NULL,
        sent_at timestamptz(3),
        used_at timestamptz(3),
        CONSTRAINT mails_pkey PRIMARY KEY (id)
      )
    `);
    await runner.query(`
      CREATE UNIQUE INDEX mails_by_token ON mails (token_hash) WHERE token_hash IS NOT NULL
    `);
    await runner.query(`
      CREATE INDEX mails_by_user ON mails (user_id)
    `);
    await runner.query(`
      CREATE INDEX mails_by_expiry ON mails (expires_at)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE mails
    `);
  }
}
