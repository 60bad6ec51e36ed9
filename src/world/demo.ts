import { Client } from 'pg';
import { CAST } from './cast';
import type { WorldSize } from './generate';
import { loadWorld, WorldNotEmptyError } from './load';

/** A network small enough to load while somebody waits, large enough that every screen has something on it. */
export const DEMO_SIZE: Readonly<WorldSize> = {
  users: 120,
  posts: 600,
  comments: 2_500,
  likes: 6_000,
  follows: 1_800,
  blocks: 12,
  conversations: 60,
};

/** The password of everybody in a demo world. */
export const DEMO_PASSWORD = 'portico-demo';

export const DEMO_SEED = 7;

/** Somebody worth signing in as. */
export interface DemoAccount {
  handle: string;
  name: string;
  email: string;
  /** What there is to see as this person, in a sentence. */
  note: string;
}

/** The people every generated world has, whatever its seed; the first one has the liveliest feed. */
export function demoAccounts(): DemoAccount[] {
  return CAST.map(({ handle, name, note }) => ({ handle, name, email: `${handle}@example.com`, note }));
}

const SAMPLE_COMMENTS_MIN = 4;

/**
 * The id of a recent post that everybody may see and that several people have commented on; null when there is none.
 * Its author is in no block, so that it stays visible whoever is signed in.
 */
export async function findSamplePost(databaseUrl: string): Promise<string | null> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ id: string }>(
      `SELECT p.id
         FROM posts p
         JOIN users u ON u.id = p.author_id AND NOT u.private AND u.deleted_at IS NULL
         JOIN comment_threads t ON t.post_id = p.id AND t.comment_count >= $1
        WHERE p.audience = 'PUBLIC' AND p.deleted_at IS NULL
          AND NOT EXISTS (SELECT FROM blocks b WHERE b.blocker_id = p.author_id OR b.blocked_id = p.author_id)
        ORDER BY p.id DESC
        LIMIT 1`,
      [SAMPLE_COMMENTS_MIN],
    );
    return rows[0]?.id ?? null;
  } finally {
    await client.end();
  }
}

/**
 * Loads the demo world into a migrated database that has nothing in it yet, everybody with DEMO_PASSWORD. Resolves to
 * whether it did: a database in use is left alone.
 * @param now epoch ms; the newest posts are a few minutes older
 */
export async function seedDemoWorld(
  databaseUrl: string,
  passwordHash: (password: string) => Promise<string>,
  now: number,
): Promise<boolean> {
  if (await isInhabited(databaseUrl)) return false;
  try {
    await loadWorld(databaseUrl, DEMO_SIZE, { seed: DEMO_SEED, now, passwordHash: await passwordHash(DEMO_PASSWORD) });
    return true;
  } catch (error) {
    // Two processes started at once on the same empty database: the other one was first.
    if (error instanceof WorldNotEmptyError) return false;
    throw error;
  }
}

async function isInhabited(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM users LIMIT 1');
    return rowCount !== 0;
  } finally {
    await client.end();
  }
}
