import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who follows, asks to follow, blocks and mutes whom, with exact counters of accepted follows. */
export class CreateRelationships1795323780000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE follows (
        follower_id uuid NOT NULL,
        followee_id uuid NOT NULL,
        state text NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT follows_pkey PRIMARY KEY (follower_id, followee_id),
        CONSTRAINT follows_state CHECK (state IN ('accepted', 'requested')),
        CONSTRAINT follows_not_self CHECK (follower_id <> followee_id)
      )
    `);
    await runner.query(`
      CREATE INDEX follows_by_followee ON follows (followee_id, state, created_at, follower_id)
    `);
    await runner.query(`
      CREATE INDEX follows_by_follower ON follows (follower_id, state, created_at, followee_id)
    `);
    await runner.query(`
      CREATE TABLE blocks (
        blocker_id uuid NOT NULL,
        blocked_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT blocks_pkey PRIMARY KEY (blocker_id, blocked_id),
        CONSTRAINT blocks_not_self CHECK (blocker_id <> blocked_id)
      )
    `);
    await runner.query(`
      CREATE INDEX blocks_by_blocked ON blocks (blocked_id, blocker_id)
    `);
    await runner.query(`
      CREATE INDEX blocks_by_blocker ON blocks (blocker_id, created_at, blocked_id)
    `);
    await runner.query(`
      CREATE TABLE mutes (
        muter_id uuid NOT NULL,
        muted_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT mutes_pkey PRIMARY KEY (muter_id, muted_id),
        CONSTRAINT mutes_not_self CHECK (muter_id <> muted_id)
      )
    `);
    await runner.query(`
      CREATE INDEX mutes_by_muter ON mutes (muter_id, created_at, muted_id)
    `);
    await runner.query(`
      CREATE TABLE relationship_counters (
        user_id uuid NOT NULL,
        followers integer NOT NULL DEFAULT 0,
        following integer NOT NULL DEFAULT 0,
        CONSTRAINT relationship_counters_pkey PRIMARY KEY (user_id),
        CONSTRAINT relationship_counters_not_negative CHECK (followers >= 0 AND following >= 0)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE relationship_counters
    `);
    await runner.query(`
      DROP TABLE mutes
    `);
    await runner.query(`
      DROP TABLE blocks
    `);
    await runner.query(`
      DROP TABLE follows
    `);
  }
}
