/** Who asks for what: the same sequence for every server. */

export interface Case {
  readonly viewerId: string;
  readonly sessionId: string;
  readonly postId: string;
  readonly profileId: string;
}

const CASES = 500;

/**
 * The viewers follow enough people for a full page, wrote nothing, mute nobody and stand in no block; the posts and
 * profiles are public, and the viewer does not follow the profile. So servers without rules of visibility, which all but
 * Portico are, answer the same as one that checks every rule.
 */
const CASES_SQL = `
  CREATE TABLE bench.cases AS
  WITH viewer AS (
    SELECT u.id, row_number() OVER (ORDER BY md5(u.id::text)) - 1 AS place FROM users u
    WHERE u.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM posts WHERE author_id = u.id)
      AND NOT EXISTS (SELECT FROM mutes WHERE muter_id = u.id)
      AND NOT EXISTS (SELECT FROM blocks WHERE u.id IN (blocker_id, blocked_id))
      AND (SELECT count(*) FROM feed_entries WHERE viewer_id = u.id) >= 20
    ORDER BY place LIMIT ${CASES}
  ), profile AS (
    SELECT u.id, row_number() OVER (ORDER BY md5(u.id::text)) - 1 AS place
    FROM users u JOIN author_post_counters c ON c.author_id = u.id
    WHERE u.deleted_at IS NULL AND NOT u.private AND c.public_posts >= 20
    ORDER BY place LIMIT ${CASES}
  ), post AS (
    SELECT p.id, row_number() OVER (ORDER BY md5(p.id::text)) - 1 AS place
    FROM posts p JOIN users a ON a.id = p.author_id
    WHERE p.deleted_at IS NULL AND p.audience = 'PUBLIC' AND a.deleted_at IS NULL AND NOT a.private
    ORDER BY place LIMIT ${CASES}
  )
  -- A small world has fewer profiles with a full page than there are viewers: they come again.
  SELECT viewer.place, viewer.id AS viewer_id, post.id AS post_id, profile.id AS profile_id,
    overlay(gen_random_uuid()::text PLACING '7' FROM 15 FOR 1)::uuid AS session_id
  FROM viewer JOIN post USING (place)
    JOIN profile ON profile.place = viewer.place % (SELECT count(*) FROM profile)
  WHERE NOT EXISTS (SELECT FROM follows WHERE follower_id = viewer.id AND followee_id = profile.id);

  DELETE FROM sessions;
  INSERT INTO sessions (id, user_id, created_at, last_used_at)
  SELECT session_id, viewer_id, now(), now() FROM bench.cases;`;

/**
 * What a team writes in SQL that generates its API from the database: the viewer's state of a post. The viewer comes by a
 * setting of the transaction, as PostGraphile hands it in.
 */
const PEERS_SQL = `
  CREATE SCHEMA peers;
  CREATE FUNCTION peers.current_viewer_id() RETURNS uuid LANGUAGE sql STABLE AS
    $$ SELECT nullif(current_setting('jwt.claims.user_id', true), '')::uuid $$;
  CREATE FUNCTION peers.posts_viewer_has_liked(post public.posts) RETURNS boolean LANGUAGE sql STABLE AS
    $$ SELECT EXISTS (SELECT FROM public.likes WHERE post_id = post.id AND user_id = peers.current_viewer_id()) $$;`;

/** Brings a loaded world to the state in which the servers are asked; does not change its posts. */
export const PREPARATION_SQL = `
  DROP SCHEMA IF EXISTS bench, peers CASCADE;
  CREATE SCHEMA bench;
  ${PEERS_SQL}
  ${CASES_SQL}
  ANALYZE;`;
