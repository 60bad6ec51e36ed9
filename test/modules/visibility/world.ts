import type { Person, TestApp } from '../../support/app';
import { answerRequest, block, deleteAccount, follow } from '../../support/social';
import { comment, like, publish, relate } from '../../support/verbs';
import { ACCOUNTS, type Account, AUDIENCES, type Audience, type Role } from './rights';

export interface MatrixPost {
  readonly id: string;
  /** Two comments by the post's author; `after` is the cursor of the first. */
  readonly comments: readonly [string, string];
  readonly after: string;
}

/** What the matrix is checked against: four accounts, each with a post per audience, and viewers in every role. */
export interface MatrixWorld {
  readonly authors: Readonly<Record<Account, Person>>;
  readonly posts: Readonly<Record<Account, Readonly<Record<Audience, MatrixPost>>>>;
  /** Follows every author and is followed by each; nothing stands between the witness and any viewer. */
  readonly witness: Person;
  /** A post of the witness that every author liked and commented on. */
  readonly neutralPostId: string;
  /** What the authors wrote under it. */
  readonly neutralComments: Readonly<Record<Account, string>>;
  /** Those whom every author accepted and still has. */
  readonly followers: readonly Person[];
  readonly people: readonly Person[];
  viewer(role: Role, account: Account): Person | null;
}

/** Some two hundred writes: seconds on an idle machine. */
export const ARRANGE_MS = 60_000;

type Named = Exclude<Role, 'anonymous' | 'self'>;
const NAMED: readonly Named[] = ['follower', 'stranger', 'requester', 'blocked', 'blocking', 'muting'];
/** The blocks come last: they end follows that had been accepted, and hide what had been seen. */
const ACCEPTED: readonly Named[] = ['follower', 'blocked', 'blocking', 'muting'];

export async function arrangeMatrix(app: TestApp): Promise<MatrixWorld> {
  const viewers = {} as Record<Named, Person>;
  for (const role of NAMED) viewers[role] = await app.person(role);
  const witness = await app.person('witness');
  const authors = {} as Record<Account, Person>;
  for (const account of ACCOUNTS) {
    authors[account] = await app.person(account.replace(' ', '_'), { private: account.endsWith('private') });
  }
  await forEachAccount((account) => arrangeFollows(app, authors[account], viewers, witness));
  const neutralPostId = await publish(app, witness, 'Hello, everybody');
  const posts = {} as Record<Account, Record<Audience, MatrixPost>>;
  const neutralComments = {} as Record<Account, string>;
  await forEachAccount(async (account) => {
    posts[account] = await arrangePosts(app, authors[account], viewers, witness);
    neutralComments[account] = (await comment(app, authors[account], neutralPostId)).id;
    await like(app, authors[account], neutralPostId);
  });
  await app.jobsDone();
  await leaveStaleFeedEntries(app);
  await forEachAccount(async (account) => {
    await relate(app, viewers.muting, authors[account], { muting: true });
    await block(app, authors[account], viewers.blocked);
    await block(app, viewers.blocking, authors[account]);
  });
  await deleteAccount(app, authors['deleted public']);
  await deleteAccount(app, authors['deleted private']);
  return {
    authors,
    posts,
    witness,
    neutralPostId,
    neutralComments,
    followers: [viewers.follower, viewers.muting, witness],
    people: [...Object.values(viewers), ...Object.values(authors), witness],
    viewer(role, account) {
      if (role === 'anonymous') return null;
      return role === 'self' ? authors[account] : viewers[role];
    },
  };
}

async function forEachAccount(arrange: (account: Account) => Promise<void>): Promise<void> {
  await Promise.all(ACCOUNTS.map(arrange));
}

async function arrangeFollows(app: TestApp, author: Person, viewers: Record<Named, Person>, witness: Person) {
  await follow(app, author, witness);
  const isPrivate = author.handle.endsWith('private');
  for (const person of [...ACCEPTED.map((role) => viewers[role]), witness]) {
    await follow(app, person, author);
    if (isPrivate) await answerRequest(app, author, person);
  }
  if (isPrivate) await follow(app, viewers.requester, author);
  // A public account accepts at once; a request that it never answered can only be put there.
  else {
    await app.sql.query(
      `INSERT INTO follows (follower_id, followee_id, state, created_at) VALUES ($1, $2, 'requested', now())`,
      [viewers.requester.uuid, author.uuid],
    );
  }
}

/** Each post has comments and likes of its author, of the witness, and of the two whom a block will hide. */
async function arrangePosts(app: TestApp, author: Person, viewers: Record<Named, Person>, witness: Person) {
  const posts = {} as Record<Audience, MatrixPost>;
  for (const audience of AUDIENCES) {
    const id = await publish(app, author, `${audience} by ${author.handle}`, { audience });
    const first = await comment(app, author, id);
    const second = await comment(app, author, id);
    const guests = audience === 'PRIVATE' ? [] : [witness, viewers.blocked, viewers.blocking];
    for (const guest of guests) await comment(app, guest, id);
    for (const person of [author, ...guests]) await like(app, person, id);
    posts[audience] = { id, comments: [first.id, second.id], after: first.cursor };
  }
  return posts;
}

/** Whatever stands in a stored feed, the page decides what is shown: every post is put into every feed. */
async function leaveStaleFeedEntries(app: TestApp): Promise<void> {
  await app.sql.query(`
    INSERT INTO feed_entries (viewer_id, post_id, author_id, published_at)
    SELECT u.id, p.id, p.author_id, p.created_at FROM users u CROSS JOIN posts p
    ON CONFLICT (viewer_id, post_id) DO NOTHING`);
}
