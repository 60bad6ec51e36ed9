import type { Pool } from 'pg';

/** Each finds rows that no sequence of whole writes can leave behind. */
const BROKEN: Readonly<Record<string, string>> = {
  'post counters differ from posts': `
    SELECT FROM users u
      LEFT JOIN author_post_counters c ON c.author_id = u.id
      LEFT JOIN LATERAL (
        SELECT count(*) FILTER (WHERE audience = 'PUBLIC') AS public, count(*) FILTER (WHERE audience = 'FOLLOWERS') AS followers,
          count(*) FILTER (WHERE audience = 'PRIVATE') AS private
        FROM posts WHERE author_id = u.id AND deleted_at IS NULL) p ON TRUE
    WHERE (p.public, p.followers, p.private)
      <> (COALESCE(c.public_posts, 0), COALESCE(c.follower_posts, 0), COALESCE(c.private_posts, 0))`,
  'relationship counters differ from follows': `
    SELECT FROM users u LEFT JOIN relationship_counters c ON c.user_id = u.id
    WHERE COALESCE(c.followers, 0) <> (SELECT count(*) FROM follows WHERE followee_id = u.id AND state = 'accepted')
       OR COALESCE(c.following, 0) <> (SELECT count(*) FROM follows WHERE follower_id = u.id AND state = 'accepted')`,
  'like counters differ from likes': `
    SELECT FROM posts p LEFT JOIN post_like_counters c ON c.post_id = p.id
    WHERE COALESCE(c.likes, 0) <> (SELECT count(*) FROM likes WHERE post_id = p.id)`,
  'threads differ from comments': `
    SELECT FROM posts p LEFT JOIN comment_threads t ON t.post_id = p.id
    WHERE COALESCE(t.comment_count, 0) <> (SELECT count(*) FROM comments WHERE post_id = p.id AND deleted_at IS NULL)
       OR COALESCE(t.last_seq, 0) <> (SELECT count(*) FROM comments WHERE post_id = p.id)
       OR COALESCE(t.last_seq, 0) <> (SELECT COALESCE(max(seq), 0) FROM comments WHERE post_id = p.id)`,
  'conversations differ from their messages': `
    SELECT FROM conversations c
    WHERE c.last_seq <> (SELECT count(*) FROM messages WHERE conversation_id = c.id)
       OR c.last_seq <> (SELECT COALESCE(max(seq), 0) FROM messages WHERE conversation_id = c.id)
       OR c.kind = 'direct' AND (SELECT count(*) FROM conversation_pairs WHERE conversation_id = c.id) <> 1
       OR c.kind = 'direct' AND (SELECT count(*) FROM conversation_members WHERE conversation_id = c.id) <> 2`,
  'members differ from their memberships': `
    SELECT FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE until_seq IS NULL) AS open, max(from_seq) AS latest FROM membership_intervals i
        WHERE (i.conversation_id, i.user_id) = (m.conversation_id, m.user_id)) i
    WHERE i.open <> CASE WHEN m.state = 'left' THEN 0 ELSE 1 END OR i.latest <> m.from_seq
       OR GREATEST(m.last_read_seq, m.last_received_seq) > c.last_seq`,
  'messages of people who were no members then': `
    SELECT FROM messages m WHERE NOT EXISTS (SELECT FROM membership_intervals i
      WHERE (i.conversation_id, i.user_id) = (m.conversation_id, m.sender_id)
        AND i.from_seq < m.seq AND (i.until_seq IS NULL OR i.until_seq >= m.seq))`,
  'users without a handle of theirs': `
    SELECT FROM users u WHERE u.deleted_at IS NULL AND (SELECT count(*) FROM user_handles h
      WHERE h.user_id = u.id AND h.handle_key = lower(u.handle)) <> 1`,
  'handles without their user': `
    SELECT FROM user_handles h LEFT JOIN users u ON u.id = h.user_id WHERE u.id IS NULL
      OR h.held_until IS NULL AND lower(u.handle) <> h.handle_key OR h.held_until IS NOT NULL AND u.deleted_at IS NULL`,
  'credentials without a user or address': `
    SELECT FROM credentials c WHERE NOT EXISTS (SELECT FROM users WHERE id = c.user_id)
      OR NOT EXISTS (SELECT FROM credential_emails e WHERE e.user_id = c.user_id AND e.email_key = lower(c.email))`,
  'addresses without credentials': `
    SELECT FROM credential_emails e LEFT JOIN credentials c ON c.user_id = e.user_id WHERE c.user_id IS NULL`,
  'users without a session': `SELECT FROM users u WHERE NOT EXISTS (SELECT FROM sessions WHERE user_id = u.id)`,
  'sessions without a user': `SELECT FROM sessions s LEFT JOIN users u ON u.id = s.user_id WHERE u.id IS NULL`,
  'refresh tokens without a session': `
    SELECT FROM refresh_tokens t LEFT JOIN sessions s ON s.id = t.session_id WHERE s.id IS NULL`,
  'follows across a block': `
    SELECT FROM follows f JOIN blocks b ON (b.blocker_id, b.blocked_id) IN
      ((f.follower_id, f.followee_id), (f.followee_id, f.follower_id))`,
  'people in lists who do not exist': `
    SELECT FROM (SELECT follower_id AS id FROM follows UNION SELECT followee_id FROM follows
      UNION SELECT blocker_id FROM blocks UNION SELECT blocked_id FROM blocks
      UNION SELECT muter_id FROM mutes UNION SELECT muted_id FROM mutes
      UNION SELECT user_id FROM conversation_members UNION SELECT user_id FROM likes UNION SELECT author_id FROM posts UNION SELECT author_id FROM comments) x
    WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = x.id)`,
  'likes and comments of posts that do not exist': `
    SELECT FROM (SELECT post_id FROM likes UNION SELECT post_id FROM comments UNION SELECT post_id FROM feed_entries
      UNION SELECT post_id FROM comment_threads UNION SELECT post_id FROM post_like_counters) x
    WHERE NOT EXISTS (SELECT FROM posts p WHERE p.id = x.post_id)`,
  'change logs with gaps, or that end elsewhere than their row says': `
    SELECT FROM change_streams s FULL JOIN (
      SELECT viewer_id, max(seq) AS last, max(seq) - min(seq) + 1 - count(*) AS missing FROM change_entries GROUP BY viewer_id
    ) e USING (viewer_id) WHERE s.last_seq IS DISTINCT FROM e.last OR e.missing <> 0`,
  'keys without their effect': `
    SELECT FROM idempotency_keys k WHERE k.result = '{}'
      OR NOT EXISTS (SELECT FROM users u WHERE u.id = k.viewer_id)
      OR k.result ? 'postId' AND NOT EXISTS (SELECT FROM posts WHERE id::text = k.result ->> 'postId')
      OR k.result ? 'commentId' AND NOT EXISTS (SELECT FROM comments WHERE id::text = k.result ->> 'commentId')
      OR k.result ? 'messageId' AND NOT EXISTS (SELECT FROM messages WHERE id::text = k.result ->> 'messageId')
      OR k.result ? 'conversationId' AND NOT EXISTS (SELECT FROM conversations WHERE id::text = k.result ->> 'conversationId')
      OR k.result ? 'userId' AND NOT EXISTS (SELECT FROM users WHERE id::text = k.result ->> 'userId')`,
  'texts that cannot be shown': `
    SELECT FROM (SELECT text, 5000 AS most FROM posts UNION ALL SELECT text, 2000 FROM comments
      UNION ALL SELECT text, 5000 FROM messages UNION ALL SELECT title, 100 FROM conversations WHERE title IS NOT NULL
      UNION ALL SELECT name, 60 FROM users UNION ALL SELECT handle, 30 FROM users
      UNION ALL SELECT bio, 300 FROM users WHERE bio IS NOT NULL) x
    WHERE text ~ '[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u202a-\\u202e\\u2066-\\u2069]' OR char_length(text) > most`,
  'live posts and comments without a text': `
    SELECT FROM (SELECT text FROM posts WHERE deleted_at IS NULL
      UNION ALL SELECT text FROM comments WHERE deleted_at IS NULL
      UNION ALL SELECT text FROM messages WHERE deleted_at IS NULL) x WHERE text = ''`,
};

/** The invariants that do not hold, each with how many rows break it. */
export async function brokenInvariants(sql: Pool): Promise<string[]> {
  const found: string[] = [];
  for (const [name, statement] of Object.entries(BROKEN)) {
    const { rowCount } = await sql.query(statement);
    if (rowCount) found.push(`${name}: ${rowCount}`);
  }
  return found;
}

/** Makes a function that reads everything stored, waiting jobs included, as one short text: equal when nothing changed. */
export async function checksumOf(sql: Pool): Promise<() => Promise<string>> {
  const { rows } = await sql.query(`
    SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
    WHERE schemaname = 'public' AND tablename NOT LIKE 'audit\\_%' OR (schemaname, tablename) = ('graphile_worker', '_private_jobs') ORDER BY 1`);
  const parts = rows.map(
    ({ name }) => `SELECT '${name}' AS name, count(*) AS n, sum(hashtextextended(t::text, 0)) AS hash FROM ${name} t`,
  );
  return async () => JSON.stringify((await sql.query({ text: parts.join(' UNION ALL '), rowMode: 'array' })).rows);
}
