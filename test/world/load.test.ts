import { PassThrough } from 'node:stream';
import { Client } from 'pg';
import { ensureHistory } from '../../src/commands/epoch';
import { loadConfig } from '../../src/config';
import { createLog } from '../../src/platform/telemetry/log';
import { runWorldCommand } from '../../src/world/cli';
import { DEMO_PASSWORD, DEMO_SIZE, demoAccounts, findSamplePost, seedDemoWorld } from '../../src/world/demo';
import { WorldSizeError } from '../../src/world/generate';
import { loadWorld, WorldNotEmptyError } from '../../src/world/load';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { NOW, worldRows } from './rows';

const SILENT = createLog({ level: 'silent', format: 'json' });
const SIZE = { users: 80, posts: 300, comments: 900, likes: 1_500, follows: 900, blocks: 6, conversations: 30 };
const OPTIONS = { seed: 4, now: NOW, passwordHash: 'a hash', pullThreshold: 40 };

/** Each finds rows that contradict another table; none may find any. */
const CONTRADICTIONS: Record<string, string> = {
  'follower counters': `
    SELECT u.id FROM users u LEFT JOIN relationship_counters c ON c.user_id = u.id
     WHERE (c.followers, c.following) IS DISTINCT FROM
           ((SELECT count(*)::int FROM follows f WHERE f.followee_id = u.id AND f.state = 'accepted'),
            (SELECT count(*)::int FROM follows f WHERE f.follower_id = u.id AND f.state = 'accepted'))`,
  'post counters': `
    SELECT u.id FROM users u LEFT JOIN author_post_counters c ON c.author_id = u.id
     WHERE (c.public_posts, c.follower_posts, c.private_posts) IS DISTINCT FROM
           (SELECT (count(*) FILTER (WHERE audience = 'PUBLIC')::int, count(*) FILTER (WHERE audience = 'FOLLOWERS')::int,
                    count(*) FILTER (WHERE audience = 'PRIVATE')::int) FROM posts p WHERE p.author_id = u.id)`,
  'like counters': `
    SELECT p.id FROM posts p LEFT JOIN post_like_counters c ON c.post_id = p.id
     WHERE c.likes IS DISTINCT FROM (SELECT count(*)::int FROM likes l WHERE l.post_id = p.id)`,
  'conversations and messages': `
    SELECT c.id FROM conversations c
     WHERE c.last_seq <> (SELECT count(*) FROM messages m WHERE m.conversation_id = c.id)
        OR c.last_seq <> (SELECT max(seq) FROM messages m WHERE m.conversation_id = c.id)
        OR (c.kind = 'direct') <> EXISTS (SELECT FROM conversation_pairs p WHERE p.conversation_id = c.id)`,
  'members and what reached them': `
    SELECT m.user_id FROM conversation_members m JOIN conversations c ON c.id = m.conversation_id
     WHERE m.last_read_seq > c.last_seq OR m.last_received_seq <>
             (SELECT coalesce(max(seq), 0) FROM messages x WHERE x.conversation_id = c.id AND x.sender_id <> m.user_id)
        OR NOT EXISTS (SELECT FROM membership_intervals i WHERE (i.conversation_id, i.user_id) = (c.id, m.user_id))
        OR m.state = 'active' AND m.user_id <> c.created_by AND NOT EXISTS (SELECT FROM follows f
             WHERE f.follower_id = m.user_id AND f.followee_id = c.created_by AND f.state = 'accepted')`,
  'messages by members, in their time': `
    SELECT x.id FROM messages x JOIN users u ON u.id = x.sender_id
     WHERE x.sent_at < u.created_at OR NOT EXISTS (SELECT FROM conversation_members m
             WHERE (m.conversation_id, m.user_id, m.state) = (x.conversation_id, x.sender_id, 'active'))`,
  'comment threads': `
    SELECT p.id FROM posts p LEFT JOIN comment_threads t ON t.post_id = p.id
     WHERE (t.last_seq, t.comment_count) IS DISTINCT FROM
           (SELECT (coalesce(max(c.seq), 0), count(*) FILTER (WHERE c.deleted_at IS NULL)::int)
              FROM comments c WHERE c.post_id = p.id)
        OR t.last_seq <> (SELECT count(*) FROM comments c WHERE c.post_id = p.id)`,
  'likes and comments by people who may see the post': `
    SELECT p.id FROM (SELECT post_id, user_id AS viewer_id FROM likes UNION SELECT post_id, author_id FROM comments) seen
      JOIN posts p ON p.id = seen.post_id JOIN users a ON a.id = p.author_id
     WHERE p.author_id <> seen.viewer_id
       AND (p.audience = 'PRIVATE'
        OR EXISTS (SELECT FROM blocks b WHERE (b.blocker_id, b.blocked_id) IN ((a.id, seen.viewer_id), (seen.viewer_id, a.id)))
        OR ((a.private OR p.audience = 'FOLLOWERS') AND NOT EXISTS (SELECT FROM follows f
             WHERE f.follower_id = seen.viewer_id AND f.followee_id = a.id AND f.state = 'accepted')))`,
  'feed entries of followers': `
    SELECT e.post_id FROM feed_entries e JOIN posts p ON p.id = e.post_id
     WHERE p.audience = 'PRIVATE' OR p.author_id <> e.author_id OR p.created_at <> e.published_at
        OR NOT EXISTS (SELECT FROM follows f
             WHERE f.follower_id = e.viewer_id AND f.followee_id = e.author_id AND f.state = 'accepted')
        OR EXISTS (SELECT FROM feed_pull_authors x WHERE x.author_id = e.author_id)`,
  'handles and email addresses': `
    SELECT u.id FROM users u LEFT JOIN user_handles h ON h.user_id = u.id LEFT JOIN credentials c ON c.user_id = u.id
                             LEFT JOIN credential_emails e ON e.user_id = u.id
     WHERE h.handle_key IS DISTINCT FROM lower(u.handle) OR e.email_key IS DISTINCT FROM lower(c.email)
        OR c.email IS DISTINCT FROM u.handle || '@example.com' OR c.password_hash <> 'a hash'`,
};

describe('loading a world', () => {
  let database: TestDatabase;
  let client: Client;

  beforeEach(async () => {
    database = await createTestDatabase();
    client = new Client({ connectionString: database.url });
    await client.connect();
  });

  afterEach(async () => {
    await client.end();
    await database.drop();
  });

  async function countOf(table: string): Promise<number> {
    const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    return rows[0]?.count ?? -1;
  }

  async function indexes(): Promise<unknown[]> {
    const { rows } = await client.query(
      `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY 1`,
    );
    return rows;
  }

  async function run(argv: string[], production = false): Promise<{ code: number; output: string }> {
    const out = new PassThrough().setEncoding('utf8');
    const passwordHash = async (password: string) => `hash of ${password}`;
    const beginHistory = () => ensureHistory(database.url, loadConfig({ NODE_ENV: 'test' }), SILENT);
    const deps = { databaseUrl: database.url, production, passwordHash, beginHistory, out, now: NOW };
    const code = await runWorldCommand(argv, deps);
    return { code, output: String(out.read() ?? '') };
  }

  it('puts every row into its table and leaves nothing that contradicts itself', async () => {
    const counts = await loadWorld(database.url, SIZE, OPTIONS);
    for (const [table, count] of Object.entries(counts)) expect([table, await countOf(table)]).toEqual([table, count]);
    expect(counts).toMatchObject({ users: 80, posts: 300, comments: 900, likes: 1_500, follows: 900, blocks: 6 });
    expect(counts['feed_pull_authors']).toBeGreaterThan(0);
    for (const [what, sql] of Object.entries(CONTRADICTIONS)) {
      expect([what, (await client.query(sql)).rows]).toEqual([what, []]);
    }
  });

  it('carries texts over letter by letter', async () => {
    await loadWorld(database.url, SIZE, OPTIONS);
    const { rows } = await client.query('SELECT id, text FROM posts ORDER BY id');
    const posts = worldRows(SIZE, OPTIONS)['posts'] ?? [];
    const expected = posts
      .map(({ id, text }) => ({ id, text }))
      .sort((a, b) => String(a.id).localeCompare(String(b.id)));
    expect(rows).toEqual(expected);
    expect(rows.some(({ text }) => text.includes('\n'))).toBe(true);
  });

  it('refuses a database that has people in it, and changes nothing', async () => {
    await loadWorld(database.url, SIZE, OPTIONS);
    await expect(loadWorld(database.url, { ...SIZE, users: 90 }, OPTIONS)).rejects.toThrow(WorldNotEmptyError);
    expect(await countOf('users')).toBe(80);
  });

  it('replaces everything when asked to, sessions of the former people included', async () => {
    await loadWorld(database.url, SIZE, OPTIONS);
    await client.query(`INSERT INTO sessions SELECT id, id, created_at, created_at FROM users LIMIT 3`);
    await loadWorld(database.url, { ...SIZE, users: 90 }, { ...OPTIONS, replace: true });
    expect(await countOf('users')).toBe(90);
    expect(await countOf('sessions')).toBe(0);
  });

  it('leaves nothing behind when it is broken off', async () => {
    const onProgress = (table: string, done: number) => {
      if (table === 'likes' && done > 0) throw new Error('enough');
    };
    const before = await indexes();
    await expect(loadWorld(database.url, SIZE, { ...OPTIONS, onProgress })).rejects.toThrow('enough');
    expect(await countOf('users')).toBe(0);
    expect(await countOf('comments')).toBe(0);
    expect(await indexes()).toEqual(before);
  });

  it('keeps the former world when replacing it is broken off by the loss of the connection', async () => {
    await loadWorld(database.url, SIZE, OPTIONS);
    const tag = 'world_to_be_cut';
    let cut: Promise<unknown> | undefined;
    const onProgress = (table: string) => {
      if (table !== 'posts' || cut !== undefined) return;
      cut = client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [tag]);
    };
    const target = { connectionString: database.url, application_name: tag };
    const size = { ...SIZE, users: 90, posts: 20_000 };
    await expect(loadWorld(target, size, { ...OPTIONS, replace: true, onProgress })).rejects.toThrow();
    await cut;
    expect(await countOf('users')).toBe(80);
    expect(await countOf('posts')).toBe(300);
  });

  it('brings back the indexes of a table that is large enough to load without them', async () => {
    const before = await indexes();
    const counts = await loadWorld(
      database.url,
      { users: 400, posts: 8_000, comments: 0, likes: 0, follows: 12_000 },
      { ...OPTIONS, pullThreshold: 400 },
    );
    expect(counts['feed_entries']).toBeGreaterThan(200_000);
    expect(await indexes()).toEqual(before);
  });

  it('tells how far it is, table by table', async () => {
    const seen = new Map<string, number[]>();
    const onProgress = (table: string, done: number) => seen.set(table, [...(seen.get(table) ?? []), done]);
    const counts = await loadWorld(database.url, SIZE, { ...OPTIONS, onProgress });
    for (const [table, count] of Object.entries(counts)) {
      const steps = seen.get(table) ?? [];
      expect([table, steps[0], steps.at(-1)]).toEqual([table, 0, count]);
      expect(steps).toEqual([...steps].sort((a, b) => a - b));
    }
  });

  it('refuses an impossible size before it touches the database', async () => {
    await expect(
      loadWorld('postgres://nobody@127.0.0.1:1/none', { ...SIZE, follows: 80_000 }, OPTIONS),
    ).rejects.toThrow(WorldSizeError);
  });

  describe('of the demo', () => {
    it('happens once, with a password everybody knows and a post everybody sees', async () => {
      const hashes: string[] = [];
      const hash = async (password: string) => `hash ${hashes.push(password)}`;
      expect(await findSamplePost(database.url)).toBeNull();
      expect(await seedDemoWorld(database.url, hash, NOW)).toBe(true);
      expect(await seedDemoWorld(database.url, hash, NOW)).toBe(false);
      expect(hashes).toEqual([DEMO_PASSWORD]);
      expect(await countOf('users')).toBe(DEMO_SIZE.users);
      const handles = demoAccounts().map(({ handle }) => handle);
      const { rows } = await client.query('SELECT handle FROM users WHERE handle = ANY ($1)', [handles]);
      expect(rows).toHaveLength(handles.length);
      const sample = await client.query(
        `SELECT p.audience, a.private, t.comment_count >= 4 AS lively, p.created_at > to_timestamp($2) AS recent
           FROM posts p JOIN users a ON a.id = p.author_id JOIN comment_threads t ON t.post_id = p.id WHERE p.id = $1`,
        [await findSamplePost(database.url), NOW / 1_000 - 3 * 86_400],
      );
      expect(sample.rows).toEqual([{ audience: 'PUBLIC', private: false, lively: true, recent: true }]);
    });
  });

  describe('by the command', () => {
    const NUMBERS = ['--users', '50', '--posts', '100', '--comments', '80', '--likes', '90', '--follows', '200'];

    it('loads what was asked for and tells the totals', async () => {
      const { code, output } = await run(NUMBERS);
      expect([code, await countOf('users'), await countOf('likes')]).toEqual([0, 50, 90]);
      expect(output).toMatch(/users 100% 50 of 50\n/);
      expect(output).toMatch(/rows in \d+\.\d s, [\d,]+ rows\/s/);
    });

    it('scales what was not given with the number of people', async () => {
      await run(['--users', '60']);
      expect([await countOf('posts'), await countOf('follows')]).toEqual([300, 900]);
    });

    it('does not fill a database in use unless told to replace it', async () => {
      await run(NUMBERS);
      const refused = await run(NUMBERS);
      expect(refused).toEqual({ code: 1, output: expect.stringContaining('--replace') });
      expect((await run([...NUMBERS, '--replace'])).code).toBe(0);
    });

    it('begins another history of the change logs when it replaces a world, and only then', async () => {
      const history = async () => (await client.query('SELECT epoch FROM change_log_epochs')).rows;
      await run(NUMBERS);
      const first = await history();
      expect(first).toHaveLength(1);
      await run(NUMBERS);
      expect(await history()).toEqual(first);
      await run([...NUMBERS, '--replace']);
      expect(await history()).toHaveLength(1);
      expect(await history()).not.toEqual(first);
    });

    it.each([
      [['--users', 'many'], '--users is "many": give it a whole number'],
      [['--usres', '3'], '--usres'],
      [['--users', '10', '--follows', '500'], 'ask for fewer'],
      [['50'], '--help'],
    ])('answers %j with one sentence and exit code 2', async (argv, sentence) => {
      const { code, output } = await run(argv);
      expect(code).toBe(2);
      expect(output.trim().split('\n').at(-1)).toContain(sentence);
      expect(await countOf('users')).toBe(0);
    });

    it('prints its help', async () => {
      expect(await run(['--help'])).toEqual({ code: 0, output: expect.stringContaining('npm run world') });
    });

    it('touches a production database only when told so twice, by name', async () => {
      const name = new URL(database.url).pathname.slice(1);
      for (const consent of [[], ['--production'], ['--confirm', name], ['--production', '--confirm', 'other']]) {
        const { code, output } = await run([...NUMBERS, ...consent], true);
        expect([code, output.includes(`--production --confirm ${name}`)]).toEqual([2, true]);
      }
      expect(await countOf('users')).toBe(0);
      expect((await run([...NUMBERS, '--production', '--confirm', name], true)).code).toBe(0);
    });
  });
});
