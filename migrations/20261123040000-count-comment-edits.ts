import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * How often comments of a thread were edited: with the numbers given and the comments counted, what tells every state of
 * a thread from all others.
 */
export class CountCommentEdits1795406400000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE comment_threads ADD COLUMN edit_count integer NOT NULL DEFAULT 0
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE comment_threads DROP COLUMN edit_count
    `);
  }
}
