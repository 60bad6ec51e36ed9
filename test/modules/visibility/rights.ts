import type { PostFields } from '../../support/verbs';

/** How a viewer stands to an author. */
export const ROLES = [
  'anonymous',
  'self',
  'follower',
  'stranger',
  'requester',
  'blocked',
  'blocking',
  'muting',
] as const;
export type Role = (typeof ROLES)[number];

export const ACCOUNTS = ['public', 'private', 'deleted public', 'deleted private'] as const;
export type Account = (typeof ACCOUNTS)[number];

export type Audience = NonNullable<PostFields['audience']>;
export const AUDIENCES: readonly Audience[] = ['PUBLIC', 'FOLLOWERS', 'PRIVATE'];

/** What a viewer may see of one account. */
export interface Rights {
  /** The profile opens: user, userByHandle, node, nodes. */
  readonly profile: boolean;
  /** The person stands in lists of others, and what they wrote and liked elsewhere is shown. */
  readonly listed: boolean;
  /** The account's own lists of followers and followed people. */
  readonly lists: boolean;
  /** The account's posts, by audience, with everything under them. */
  readonly posts: readonly Audience[];
  /** Those of them that the viewer's home feed brings. */
  readonly feed: readonly Audience[];
}

const EVERY = AUDIENCES;
const FOLLOWED: readonly Audience[] = ['PUBLIC', 'FOLLOWERS'];
const PUBLIC: readonly Audience[] = ['PUBLIC'];
const NONE: readonly Audience[] = [];
const yes = true;
const no = false;

const NOTHING: Rights = { profile: no, listed: no, lists: no, posts: NONE, feed: NONE };

/**
 * The product's rules, written down once and by hand: the code under test is never asked. The role `muting` follows
 * the author too, so that its feed has something to lose; nobody but the author may see a PRIVATE post.
 */
// biome-ignore format: a table is read by its columns
const TABLE: Record<Role, Record<'public' | 'private', Rights>> = {
  anonymous: {
    public:  { profile: yes, listed: yes, lists: yes, posts: PUBLIC,   feed: NONE },
    private: { profile: yes, listed: yes, lists: no,  posts: NONE,     feed: NONE },
  },
  self: {
    public:  { profile: yes, listed: yes, lists: yes, posts: EVERY,    feed: EVERY },
    private: { profile: yes, listed: yes, lists: yes, posts: EVERY,    feed: EVERY },
  },
  follower: {
    public:  { profile: yes, listed: yes, lists: yes, posts: FOLLOWED, feed: FOLLOWED },
    private: { profile: yes, listed: yes, lists: yes, posts: FOLLOWED, feed: FOLLOWED },
  },
  stranger: {
    public:  { profile: yes, listed: yes, lists: yes, posts: PUBLIC,   feed: NONE },
    private: { profile: yes, listed: yes, lists: no,  posts: NONE,     feed: NONE },
  },
  requester: {
    public:  { profile: yes, listed: yes, lists: yes, posts: PUBLIC,   feed: NONE },
    private: { profile: yes, listed: yes, lists: no,  posts: NONE,     feed: NONE },
  },
  blocked: {
    public:  NOTHING,
    private: NOTHING,
  },
  blocking: {
    public:  { profile: yes, listed: no,  lists: yes, posts: NONE,     feed: NONE },
    private: { profile: yes, listed: no,  lists: no,  posts: NONE,     feed: NONE },
  },
  muting: {
    public:  { profile: yes, listed: yes, lists: yes, posts: FOLLOWED, feed: NONE },
    private: { profile: yes, listed: yes, lists: yes, posts: FOLLOWED, feed: NONE },
  },
};

/** A deleted account is nothing to anybody. */
export function rightsOf(role: Role, account: Account): Rights {
  return account === 'public' || account === 'private' ? TABLE[role][account] : NOTHING;
}

export interface Cell {
  readonly role: Role;
  readonly account: Account;
  readonly rights: Rights;
}

/** Every viewer before every account. Whoever was signed in to a deleted one is not answered at all any more. */
export const CELLS: readonly Cell[] = ROLES.flatMap((role) =>
  ACCOUNTS.filter((account) => role !== 'self' || !account.startsWith('deleted')).map((account) => ({
    role,
    account,
    rights: rightsOf(role, account),
  })),
);
