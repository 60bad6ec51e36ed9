import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Comments, and per post the thread row whose lock hands out their seq. */
export class CreateComments1795323900000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE comments (
        post_id uuid NOT NULL,
        id uuid NOT NULL,
        seq integer NOT NULL,
        author_id uuid NOT NULL,
        text text NOT NULL,
        version integer NOT NULL DEFAULT 1,
        created_at timestamptz(3) NOT NULL,
        updated_at timestamptz(3) NOT NULL,
        deleted_at timestamptz(3),
        CONSTRAINT comments_pkey PRIMARY KEY (post_id, id),
        CONSTRAINT comments_seq_key UNIQUE (post_id, seq)
      )
    `);
    await runner.query(`
      CREATE INDEX comments_by_id ON comments (id)
    `);
    await runner.query(`
      CREATE INDEX comments_by_author ON comments (post_id, author_id) WHERE deleted_at IS NULL
    `);
    await runner.query(`
      CREATE TABLE comment_threads (
        post_id uuid NOT NULL,
        last_seq integer NOT NULL DEFAULT 0,
        comment_count integer NOT NULL DEFAULT 0,
        CONSTRAINT comment_threads_pkey PRIMARY KEY (post_id),
        CONSTRAINT comment_threads_not_negative CHECK (last_seq >= 0 AND comment_count >= 0)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE comment_threads
    `);
    await runner.query(`
      DROP TABLE comments
    `);
  }
}
