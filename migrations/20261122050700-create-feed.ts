import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Home feeds: entries written for ordinary authors, and the authors whose posts are read at page time instead. */
export class CreateFeed1795324020000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE feed_entries (
        viewer_id uuid NOT NULL,
        post_id uuid NOT NULL,
        author_id uuid NOT NULL,
        published_at timestamptz(3) NOT NULL,
        CONSTRAINT feed_entries_pkey PRIMARY KEY (viewer_id, post_id)
      )
    `);
    await runner.query(`
      CREATE INDEX feed_entries_by_time ON feed_entries (viewer_id, published_at, post_id)
    `);
    await runner.query(`
      CREATE TABLE feed_pull_authors (
        author_id uuid NOT NULL,
        since timestamptz(3) NOT NULL,
        CONSTRAINT feed_pull_authors_pkey PRIMARY KEY (author_id)
      )
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE feed_pull_authors
    `);
    await runner.query(`
      DROP TABLE feed_entries
    `);
  }
}
