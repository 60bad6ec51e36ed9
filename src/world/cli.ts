import { parseArgs } from 'node:util';
import { DEMO_PASSWORD, DEMO_SEED, DEMO_SIZE } from './demo';
import type { WorldSize } from './generate';
import { FEED_ENTRIES_PER_AUTHOR, PULL_THRESHOLD, WorldSizeError } from './generate';
import { loadWorld, WorldNotEmptyError } from './load';
import { ProgressLine } from './progress-line';

export interface WorldCommandDeps {
  /** Connection string of the database to fill, past any pooler in transaction mode. */
  databaseUrl: string;
  /** Whether this is an installation that people depend on. */
  production: boolean;
  passwordHash(password: string): Promise<string>;
  /** Called on the filled database: the change logs of a world that was replaced have ended. */
  beginHistory(): Promise<void>;
  out: NodeJS.WritableStream;
  /** Epoch ms; nothing in the world is younger. */
  now: number;
}

const EXIT_OK = 0;
const EXIT_FAILED = 1;
const EXIT_USAGE = 2;
const MS_PER_SECOND = 1000;
const USERS_PER_CONVERSATION = 2;
/** They are made at once, so a large world does not get more unless asked. */
const CONVERSATIONS_MAX = 1_000;

const HELP = `Fills a migrated database with an invented social network.

  npm run world -- [options]

  --users N            people                                    (default ${DEMO_SIZE.users})
  --posts N            posts                                     (default ${DEMO_SIZE.posts})
  --comments N         comments                                  (default ${DEMO_SIZE.comments})
  --likes N            likes                                     (default ${DEMO_SIZE.likes})
  --follows N          follows, requested ones included          (default ${DEMO_SIZE.follows})
  --blocks N           blocks                                    (default: one for every 50 users)
  --conversations N    conversations                             (default: one for every 2 users, ${CONVERSATIONS_MAX} at most)
  --seed N             the same seed makes the same people and words (default ${DEMO_SEED})
  --pull-threshold N   followers from which on an author's posts are read at page time, not written into feeds
                       (default ${PULL_THRESHOLD})
  --feed-depth N       newest posts of each author that are written into feeds (default ${FEED_ENTRIES_PER_AUTHOR})
  --replace            empty all tables first; without it only an empty database is filled
  --production         yes, this is the production database
  --confirm NAME       ... and NAME is the name of that database
  --help               this text

Everybody's password is ${DEMO_PASSWORD}, and everybody's email address is <handle>@example.com.
`;

const OPTIONS = {
  users: { type: 'string' },
  posts: { type: 'string' },
  comments: { type: 'string' },
  likes: { type: 'string' },
  follows: { type: 'string' },
  blocks: { type: 'string' },
  conversations: { type: 'string' },
  seed: { type: 'string' },
  'pull-threshold': { type: 'string' },
  'feed-depth': { type: 'string' },
  replace: { type: 'boolean' },
  production: { type: 'boolean' },
  confirm: { type: 'string' },
  help: { type: 'boolean' },
} as const;

class UsageError extends Error {}

/**
 * `npm run world`: generates a world and loads it. Resolves to the exit code: 0 when loaded, 2 when the arguments have to
 * change, with one sentence on what to do. Errors of the database are thrown.
 */
export async function runWorldCommand(argv: string[], deps: WorldCommandDeps): Promise<number> {
  const { out } = deps;
  const progress = new ProgressLine(out);
  try {
    const values = parse(argv);
    if (values.help) {
      out.write(HELP);
      return EXIT_OK;
    }
    const size = sizeFrom(values);
    const seed = whole('seed', values.seed) ?? DEMO_SEED;
    requireConsent(values, deps);
    const startedAt = performance.now();
    out.write(`Inventing ${size.users.toLocaleString('en')} people and what they say (seed ${seed}).\n`);
    const counts = await loadWorld(deps.databaseUrl, size, {
      seed,
      now: deps.now,
      passwordHash: await deps.passwordHash(DEMO_PASSWORD),
      pullThreshold: whole('pull-threshold', values['pull-threshold']),
      feedEntriesPerAuthor: whole('feed-depth', values['feed-depth']),
      replace: values.replace ?? false,
      onProgress: (table, done, total) => progress.show(table, done, total),
    });
    await deps.beginHistory();
    progress.end();
    report(counts, (performance.now() - startedAt) / MS_PER_SECOND, out);
    return EXIT_OK;
  } catch (error) {
    progress.end();
    if (error instanceof UsageError || error instanceof WorldSizeError) {
      out.write(`${error.message}\n`);
      return EXIT_USAGE;
    }
    if (error instanceof WorldNotEmptyError) {
      out.write(`${error.message}\n`);
      return EXIT_FAILED;
    }
    throw error;
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

function parse(argv: string[]): Values {
  try {
    return parseArgs({ args: argv, options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('. ')[0] : String(error);
    throw new UsageError(`${reason}: run "npm run world -- --help" for what there is.`);
  }
}

/** Without any number the demo's size; with some of them, the others in the demo's proportion to the users. */
function sizeFrom(values: Values): WorldSize {
  const users = whole('users', values.users) ?? DEMO_SIZE.users;
  const scaled = (name: 'posts' | 'comments' | 'likes' | 'follows') =>
    whole(name, values[name]) ?? Math.round((DEMO_SIZE[name] * users) / DEMO_SIZE.users);
  return {
    users,
    posts: scaled('posts'),
    comments: scaled('comments'),
    likes: scaled('likes'),
    follows: scaled('follows'),
    blocks: whole('blocks', values.blocks) ?? (values.users === undefined ? DEMO_SIZE.blocks : undefined),
    conversations: whole('conversations', values.conversations) ?? conversationsOf(users),
  };
}

function conversationsOf(users: number): number {
  return Math.min(Math.floor(users / USERS_PER_CONVERSATION), CONVERSATIONS_MAX);
}

function whole(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text.replaceAll('_', ''));
  if (/^[\d_]+$/.test(text) && Number.isSafeInteger(number)) return number;
  throw new UsageError(`--${name} is "${text}": give it a whole number, such as --${name} 1000.`);
}

/** A production database takes two deliberate words, one of which nobody types by habit. */
function requireConsent(values: Values, { production, databaseUrl }: WorldCommandDeps): void {
  if (!production) return;
  const name = decodeURIComponent(new URL(databaseUrl).pathname.slice(1));
  if (values.production && values.confirm === name) return;
  const what = values.replace ? 'All its data would be deleted' : 'It would be filled with invented people';
  throw new UsageError(
    `"${name}" is a production database. ${what}: if you mean it, repeat the command with --production --confirm ${name}.`,
  );
}

function report(counts: Record<string, number>, seconds: number, out: NodeJS.WritableStream): void {
  const rows = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const width = Math.max(...Object.keys(counts).map((name) => name.length));
  for (const [name, count] of Object.entries(counts)) {
    out.write(`  ${name.padEnd(width)}  ${count.toLocaleString('en').padStart(12)}\n`);
  }
  const rate = Math.round(rows / seconds).toLocaleString('en');
  out.write(`${rows.toLocaleString('en')} rows in ${seconds.toFixed(1)} s, ${rate} rows/s.\n`);
}
