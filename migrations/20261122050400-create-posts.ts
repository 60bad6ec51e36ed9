import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Posts, and per author one exact counter for each audience, so that a viewer is shown the count of what that viewer may see. */
export class CreatePosts1795323840000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE posts (
        id uuid NOT NULL,
        author_id uuid NOT NULL,
        text text NOT NULL,
        audience text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        CONSTRAINT posts_pkey PRIMARY KEY (id),
        CONSTRAINT posts_audience CHECK (audience IN ('PUBLIC', 'FOLLOWERS', 'PRIVATE'))
      )
    `);
    await runner.query(`
      CREATE INDEX posts_by_author ON posts (author_id, created_at, id) WHERE deleted_at IS NULL
    `);
    await runner.query(`
      CREATE TABLE author_post_counters (
        author_id uuid NOT NULL,
        public_posts integer NOT NULL DEFAULT 0,
        follower_posts integer NOT NULL DEFAULT 0,
        private_posts integer NOT NULL DEFAULT 0,
        CONSTRAINT author_post_counters_pkey PRIMARY KEY (author_id),
        CONSTRAINT author_post_counters_not_negative CHECK (public_posts >= 0 AND follower_posts >= 0 AND private_posts >= 0)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE author_post_counters
    `);
    await runner.query(`
      DROP TABLE posts
    `);
  }
}
