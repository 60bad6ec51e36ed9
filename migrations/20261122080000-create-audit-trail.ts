import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What happened to accounts, as rows that are only ever added. Each names the one before it in its chain by its hash;
 * there are several chains, so that people who sign in at once wait for each other seldom.
 */
export class CreateAuditTrail1795334400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE audit_events (
        chain integer NOT NULL,
        seq integer NOT NULL,
        kind text NOT NULL,
        user_id uuid,
        session_id uuid,
        address text,
        details text NOT NULL,
        at timestamptz(3) NOT NULL,
        hash text NOT NULL,
        CONSTRAINT audit_events_pkey PRIMARY KEY (chain, seq)
      )
    `);
    await runner.query(`
      CREATE INDEX audit_events_by_user ON audit_events (user_id, at) WHERE user_id IS NOT NULL
    `);
    await runner.query(`
      CREATE TABLE audit_chains (
        chain integer NOT NULL,
        seq integer NOT NULL,
        hash text NOT NULL,
        CONSTRAINT audit_chains_pkey PRIMARY KEY (chain)
      )
    `);
    await runner.query(`
      CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'the audit trail is append-only'; END $$
    `);
    await runner.query(`
      CREATE TRIGGER audit_events_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_events
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE audit_chains
    `);
    await runner.query(`
      DROP TABLE audit_events
    `);
    await runner.query(`
      DROP FUNCTION refuse_audit_change
    `);
  }
}
