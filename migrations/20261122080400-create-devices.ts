import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The phones and browsers that people use, and where pushes to them go. A push token belongs to whoever uses the device
 * now; it is unique in a table by itself, so that devices can be distributed by person.
 */
export class CreateDevices1795334640000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE devices (
        user_id uuid NOT NULL,
        id uuid NOT NULL,
        platform text NOT NULL,
        name text,
        app_version text NOT NULL,
        signing_key text,
        signing_key_thumbprint text,
        created_at timestamptz(3) NOT NULL,
        last_seen_at timestamptz(3) NOT NULL,
        CONSTRAINT devices_pkey PRIMARY KEY (user_id, id),
        CONSTRAINT devices_platform CHECK (platform IN ('IOS', 'ANDROID', 'WEB')),
        CONSTRAINT devices_key_named CHECK ((signing_key IS NULL) = (signing_key_thumbprint IS NULL))
      )
    `);
    await runner.query(`
      CREATE INDEX devices_by_last_seen ON devices (last_seen_at)
    `);
    await runner.query(`
      CREATE TABLE push_tokens (
        push_token text NOT NULL,
        user_id uuid NOT NULL,
        device_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT push_tokens_pkey PRIMARY KEY (push_token)
      )
    `);
    await runner.query(`
      CREATE INDEX push_tokens_by_device ON push_tokens (user_id, device_id)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE push_tokens
    `);
    await runner.query(`
      DROP TABLE devices
    `);
  }
}
