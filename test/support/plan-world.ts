import type { Pool } from 'pg';
import { systemClock } from '../../src/kernel/clock';
import { encodeId, newId } from '../../src/kernel/ids';
import { hashPassword } from '../../src/modules/auth';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { loadWorld } from '../../src/world/load';
import { type Person, TEST_SIGNING_KEY, type TestApp } from './app';

const SIZE = { users: 2_000, posts: 200_000, comments: 100_000, likes: 100_000, follows: 50_000 };
/** Nobody in a world of this size has ten thousand followers; with these, some authors are read at page time. */
const PULL_THRESHOLD = 250;
const FEED_ENTRIES_PER_AUTHOR = 20;
const OLD_ROWS = 100_000;

/** Who and what has the longest lists. */
export interface PlanWorld {
  /** Follows more people than anybody else, and has written. */
  readonly reader: Person;
  /** Has blocked everybody. */
  readonly blocker: Person;
  /** Has muted everybody, and is asked by everybody. */
  readonly asked: Person;
  readonly author: string;
  readonly followed: string;
  readonly following: string;
  readonly liked: string;
  readonly commented: string;
  readonly comment: string;
  /** A conversation of many people, the reader among them, with many messages. */
  readonly group: string;
  /** RFC 3339; what is older is due to be purged. */
  readonly purgeBefore: string;
}

/** Two thousand people and 200,000 posts. */
export async function fillDatabase(databaseUrl: string): Promise<void> {
  await loadWorld(databaseUrl, SIZE, {
    seed: 11,
    now: systemClock.ms(),
    passwordHash: await hashPassword({ memoryKib: 64, passes: 1 }, 'plans of queries'),
    pullThreshold: PULL_THRESHOLD,
    feedEntriesPerAuthor: FEED_ENTRIES_PER_AUTHOR,
  });
}

/**
 * Adds the lists that a generated world keeps short, and looks up where the long ones are. The planner's statistics are
 * from before that for likes and comments: what spreads in an hour is not in them.
 */
export async function describePlanWorld(app: TestApp): Promise<PlanWorld> {
  const { sql } = app;
  const blocker = await app.person('blocker', { private: true });
  const asked = await app.person('asked', { private: true });
  const everybody = `SELECT $1::uuid AS owner, id, now() - interval '1 minute' * row_number() OVER (ORDER BY id) AS at
    FROM users WHERE id <> ALL ($2)`;
  const people = [blocker.uuid, asked.uuid];
  await sql.query(`INSERT INTO blocks (blocker_id, blocked_id, created_at) ${everybody}`, [blocker.uuid, people]);
  await sql.query(`INSERT INTO mutes (muter_id, muted_id, created_at) ${everybody}`, [asked.uuid, people]);
  await sql.query(
    `INSERT INTO follows (followee_id, follower_id, created_at, state) SELECT x.*, 'requested' FROM (${everybody}) x`,
    [asked.uuid, people],
  );
  await sql.query(`
    INSERT INTO idempotency_keys (viewer_id, key, operation, input_hash, created_at)
    SELECT gen_random_uuid(), 'key', 'createPost', 'hash', now() - interval '1 minute' * n FROM generate_series(1, ${OLD_ROWS}) n`);
  await sql.query(`
    INSERT INTO refresh_tokens (token_hash, session_id, created_at, expires_at)
    SELECT n::text, gen_random_uuid(), now(), now() - interval '1 minute' * n FROM generate_series(1, ${OLD_ROWS}) n`);
  await sql.query('VACUUM ANALYZE');
  const id = async (text: string): Promise<string> => (await sql.query(text)).rows[0].id;
  const open = `JOIN posts p ON p.id = x.post_id AND p.audience = 'PUBLIC' AND p.deleted_at IS NULL
    JOIN users u ON u.id = p.author_id AND NOT u.private`;
  const listed = `SELECT user_id AS id FROM relationship_counters c JOIN users u ON u.id = c.user_id AND NOT u.private`;
  const reader = await id(`${listed} JOIN author_post_counters a ON a.author_id = c.user_id AND a.public_posts > 50
    ORDER BY c.following DESC LIMIT 1`);
  const liked = await id(`SELECT x.post_id AS id FROM post_like_counters x ${open} ORDER BY x.likes DESC LIMIT 1`);
  const commented = await id(
    `SELECT x.post_id AS id FROM comment_threads x ${open} ORDER BY x.comment_count DESC LIMIT 1`,
  );
  await sql.query(
    `INSERT INTO likes (post_id, user_id, created_at) SELECT x.owner, x.id, x.at FROM (${everybody}) x ON CONFLICT DO NOTHING`,
    [liked, people],
  );
  await sql.query(
    `INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
     SELECT x.owner, gen_random_uuid(), 10000 + row_number() OVER (ORDER BY x.id), x.id, 'Me too', x.at, x.at FROM (${everybody}) x`,
    [commented, people],
  );
  return {
    group: await fillConversations(sql, reader),
    reader: await signIn(sql, reader),
    blocker,
    asked,
    author: encodeId(
      'user',
      await id(`SELECT author_id AS id FROM author_post_counters a JOIN users u ON u.id = a.author_id
      AND NOT u.private ORDER BY public_posts DESC LIMIT 1`),
    ),
    followed: encodeId('user', await id(`${listed} ORDER BY c.followers DESC LIMIT 1`)),
    following: encodeId('user', await id(`${listed} ORDER BY c.following DESC LIMIT 1`)),
    liked: encodeId('post', liked),
    commented: encodeId('post', commented),
    comment: encodeId(
      'comment',
      await id(`SELECT id FROM comments WHERE post_id = '${commented}' AND seq < 10000 AND deleted_at IS NULL LIMIT 1`),
    ),
    purgeBefore: new Date(systemClock.ms() - (OLD_ROWS - 500) * 60_000).toISOString(),
  };
}

const MEMBERS = 200;
const MESSAGES = 40_000;

/**
 * The reader talks to everybody, has one message of each hundredth to read, and half of what a large group said, which
 * the reader came into in the middle. Everybody else talks to somebody as well.
 */
async function fillConversations(sql: Pool, reader: string): Promise<string> {
  const group = newId();
  await sql.query(
    `WITH pair AS (
       SELECT gen_random_uuid() AS id, u.id AS one, CASE WHEN n = 1 THEN $1::uuid ELSE v.id END AS other, u.place
       FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM users WHERE id <> $1) u
         CROSS JOIN generate_series(1, 3) n
         JOIN (SELECT id, row_number() OVER (ORDER BY id DESC) AS place FROM users) v ON v.place = u.place + n AND v.id <> u.id
     ), made AS (
       INSERT INTO conversations (id, kind, last_seq, created_by, created_at, updated_at)
       SELECT id, 'direct', 1, one, now(), now() FROM pair
     ), said AS (
       INSERT INTO messages (conversation_id, id, seq, sender_id, text, sent_at, updated_at)
       SELECT id, gen_random_uuid(), 1, one, 'Hello', now(), now() FROM pair
     ), been AS (
       INSERT INTO membership_intervals (conversation_id, user_id, from_seq)
       SELECT id, who, 0 FROM pair CROSS JOIN LATERAL (VALUES (one), (other)) AS w(who)
     )
     INSERT INTO conversation_members
       (conversation_id, user_id, state, from_seq, last_read_seq, last_received_seq, joined_at, last_activity_at)
     SELECT id, who, 'active', 0, CASE WHEN who = one OR place % 100 > 0 THEN 1 ELSE 0 END, CASE WHEN who = one THEN 0 ELSE 1 END,
       now(), now() - interval '1 minute' * place FROM pair CROSS JOIN LATERAL (VALUES (one), (other)) AS w(who)`,
    [reader],
  );
  await sql.query(
    `WITH crowd AS (
       SELECT id, row_number() OVER () AS place FROM (SELECT $1::uuid AS id UNION ALL
         (SELECT id FROM users WHERE id <> $1 ORDER BY id LIMIT ${MEMBERS - 1})) u
     ), made AS (
       INSERT INTO conversations (id, kind, last_seq, created_by, created_at, updated_at)
       VALUES ($2, 'group', ${MESSAGES}, $1, now(), now())
     ), been AS (
       INSERT INTO membership_intervals (conversation_id, user_id, from_seq)
       SELECT $2, id, CASE WHEN id = $1 THEN ${MESSAGES / 2} ELSE 0 END FROM crowd
     ), belongs AS (
       INSERT INTO conversation_members
         (conversation_id, user_id, state, from_seq, last_read_seq, last_received_seq, joined_at, last_activity_at)
       SELECT $2, id, 'active', CASE WHEN id = $1 THEN ${MESSAGES / 2} ELSE 0 END, ${MESSAGES / 2}, ${MESSAGES}, now(), now()
       FROM crowd
     )
     INSERT INTO messages (conversation_id, id, seq, sender_id, text, sent_at, updated_at, deleted_at)
     SELECT $2, gen_random_uuid(), n, id, 'Hello', now(), now(), CASE WHEN n % 500 = 0 THEN now() END
     FROM generate_series(1, ${MESSAGES}) n JOIN crowd ON place = n % ${MEMBERS} + 1`,
    [reader, group],
  );
  await sql.query('VACUUM ANALYZE conversations, conversation_members, membership_intervals, messages');
  await knowEveryRow(sql, 'messages');
  return encodeId('conversation', group);
}

/** Has PostgreSQL look at all rows of a table rather than at some of them, so that its plans are the same each time. */
async function knowEveryRow(sql: Pool, table: string): Promise<void> {
  const client = await sql.connect();
  await client.query('SET default_statistics_target = 10000');
  await client.query(`ANALYZE ${table}`);
  await client.query('RESET default_statistics_target');
  client.release();
}

/** A session of somebody whom the world brought along. */
async function signIn(sql: Pool, uuid: string): Promise<Person> {
  const sessionId = newId();
  await sql.query('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())', [
    sessionId,
    uuid,
  ]);
  const tokens = await AccessTokens.create({
    signingKeyPem: TEST_SIGNING_KEY,
    issuer: 'http://localhost',
    lifetimeSeconds: 3_600,
    clock: systemClock,
  });
  const { rows } = await sql.query('SELECT handle FROM users WHERE id = $1', [uuid]);
  return {
    uuid,
    id: encodeId('user', uuid),
    handle: rows[0].handle,
    token: await tokens.issue({ userId: uuid, sessionId }),
  };
}
