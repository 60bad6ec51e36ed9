import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the workers of each process last gave a sign of life: locks of those that give none are taken from them. */
export class CreateJobWorkers1795327500000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Every row is written every few seconds and there are few: room on the page keeps that from touching the index.
    await runner.query(`
      CREATE TABLE job_workers (
        id text NOT NULL,
        seen_at timestamptz(3) NOT NULL,
        CONSTRAINT job_workers_pkey PRIMARY KEY (id)
      ) WITH (fillfactor = 50)
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE job_workers
    `);
  }
}
