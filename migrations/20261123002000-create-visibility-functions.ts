import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The table and the conditions of what one person adds to a counter, the owner of which is `owner`. */
const COUNTED = {
  hidden_comments: 'comments WHERE post_id = owner AND author_id = person.id AND deleted_at IS NULL',
  hidden_likes: 'likes WHERE post_id = owner AND user_id = person.id',
  hidden_followers: `follows WHERE followee_id = owner AND follower_id = person.id AND state = 'accepted'`,
  hidden_followed: `follows WHERE follower_id = owner AND followee_id = person.id AND state = 'accepted'`,
};

/**
 * What statements ask for few viewers alone: those who have blocked somebody, or were blocked. PostgreSQL makes every
 * subquery of a statement ready each time that it is carried out, whether anything asks for it or not; a function is
 * made ready when it is called. They read as of the statement that calls them, because they are STABLE.
 */
export class CreateVisibilityFunctions1795393200000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const [name, rows] of Object.entries(COUNTED)) {
      // As an array of which PostgreSQL knows the length, it would plan for that each time, which costs more than reading.
      await runner.query(`
        CREATE FUNCTION ${name}(owner uuid, people uuid[]) RETURNS bigint
        LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$ BEGIN RETURN (
          SELECT count(*) FROM unnest((SELECT people)) AS person (id)
          CROSS JOIN LATERAL (SELECT FROM ${rows} OFFSET 0) found
        ); END $$
      `);
    }
    await runner.query(`
      CREATE FUNCTION has_blocked(blocker uuid, blocked uuid) RETURNS boolean
      LANGUAGE plpgsql STABLE STRICT PARALLEL SAFE AS $$ BEGIN RETURN EXISTS (
        SELECT FROM blocks WHERE blocker_id = blocker AND blocked_id = blocked
      ); END $$
    `);
    await runner.query(`
      CREATE FUNCTION each_once(ids uuid[]) RETURNS uuid[]
      LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$ BEGIN
        IF cardinality(ids) < 2 THEN RETURN ids; END IF;
        RETURN ARRAY(SELECT DISTINCT id FROM unnest((SELECT ids)) AS given (id));
      END $$
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const name of ['each_once', 'has_blocked', ...Object.keys(COUNTED)]) {
      await runner.query(`
        DROP FUNCTION ${name}
      `);
    }
  }
}
