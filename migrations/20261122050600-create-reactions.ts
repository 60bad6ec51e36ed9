import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Likes and their exact counter per post. */
export class CreateReactions1795323960000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE likes (
        post_id uuid NOT NULL,
        user_id uuid NOT NULL,
        created_at timestamptz(3) NOT NULL,
        CONSTRAINT likes_pkey PRIMARY KEY (post_id, user_id)
      )
    `);
    await runner.query(`
      CREATE INDEX likes_by_time ON likes (post_id, created_at, user_id)
    `);
    await runner.query(`
      CREATE TABLE post_like_counters (
        post_id uuid NOT NULL,
        likes integer NOT NULL DEFAULT 0,
        CONSTRAINT post_like_counters_pkey PRIMARY KEY (post_id),
        CONSTRAINT post_like_counters_not_negative CHECK (likes >= 0)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE post_like_counters
    `);
    await runner.query(`
      DROP TABLE likes
    `);
  }
}
