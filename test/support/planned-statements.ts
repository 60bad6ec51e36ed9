/** What is asked while plans are looked at. */
import type { Pool } from 'pg';
import type { Person } from './app';
import type { PlanWorld } from './plan-world';

export interface List {
  readonly field: string;
  /** The field of the query around it. */
  readonly of: (world: PlanWorld) => string;
  /** Its type, where the query does not say. */
  readonly on?: string;
  readonly as: (world: PlanWorld) => Person | null;
  readonly index: string;
}

const author = ({ author: id }: PlanWorld) => `user(id: "${id}")`;
const viewer = () => 'viewer';
const reader = (world: PlanWorld) => world.reader;
const nobody = () => null;

export const LISTS: readonly (readonly [string, List])[] = [
  ['posts of a person', { field: 'posts', of: author, as: reader, index: 'posts_by_author' }],
  ['posts of a person, for anybody', { field: 'posts', of: author, as: nobody, index: 'posts_by_author' }],
  [
    'posts of one’s own',
    { field: 'posts', of: (w) => `user(id: "${w.reader.id}")`, as: reader, index: 'posts_by_author' },
  ],
  ['the home feed', { field: 'feed', of: viewer, as: reader, index: 'feed_entries_by_time' }],
  ['comments', { field: 'comments', of: (w) => `post(id: "${w.commented}")`, as: reader, index: 'comments_seq_key' }],
  [
    'comments, for anybody',
    { field: 'comments', of: (w) => `post(id: "${w.commented}")`, as: nobody, index: 'comments_seq_key' },
  ],
  ['likers', { field: 'likedBy', of: (w) => `post(id: "${w.liked}")`, as: reader, index: 'likes_by_time' }],
  [
    'likers, for anybody',
    { field: 'likedBy', of: (w) => `post(id: "${w.liked}")`, as: nobody, index: 'likes_by_time' },
  ],
  [
    'followers',
    { field: 'followers', of: (w) => `user(id: "${w.followed}")`, as: reader, index: 'follows_by_followee' },
  ],
  [
    'followers, for anybody',
    { field: 'followers', of: (w) => `user(id: "${w.followed}")`, as: nobody, index: 'follows_by_followee' },
  ],
  [
    'followed people',
    { field: 'following', of: (w) => `user(id: "${w.following}")`, as: reader, index: 'follows_by_follower' },
  ],
  ['requests to follow', { field: 'followRequests', of: viewer, as: (w) => w.asked, index: 'follows_by_followee' }],
  ['conversations', { field: 'conversations', of: viewer, as: reader, index: 'conversation_members_by_activity' }],
  [
    'messages',
    {
      field: 'messages',
      of: (w) => `node(id: "${w.group}")`,
      on: 'Conversation',
      as: reader,
      index: 'messages_seq_key',
    },
  ],
  ['blocked people', { field: 'blocks', of: viewer, as: (w) => w.blocker, index: 'blocks_by_blocker' }],
  ['muted people', { field: 'mutes', of: viewer, as: (w) => w.asked, index: 'mutes_by_muter' }],
];

/** What screens and writes ask for beside the lists, and the indexes that bear it. */
export const OPERATIONS: readonly (readonly [string, (world: PlanWorld) => string, readonly string[]])[] = [
  [
    'twenty posts with their authors, counts, likes and three comments each',
    () => `{ viewer { feed(first: 20) { nodes {
      text likeCount commentCount viewerHasLiked author { name counts { posts followers following } relationship { following } }
      comments(first: 3) { nodes { text author { name } } } } } } }`,
    ['feed_entries_by_time', 'comments_seq_key', 'users_pkey', 'relationship_counters_pkey', 'post_like_counters_pkey'],
  ],
  [
    'twenty people with their counts and three posts each',
    ({ followed }) => `{ user(id: "${followed}") { followers(first: 20) { nodes {
      name counts { posts followers following } relationship { following followedBy } posts(first: 3) { nodes { text } } } } } }`,
    ['follows_by_followee', 'posts_by_author', 'relationship_counters_pkey', 'author_post_counters_pkey'],
  ],
  [
    'how many like, discuss and follow what most do',
    ({ liked, commented, followed }) => `{ liked: post(id: "${liked}") { likeCount viewerHasLiked }
      commented: post(id: "${commented}") { commentCount } user(id: "${followed}") { counts { followers following } } }`,
    ['post_like_counters_pkey', 'comment_threads_pkey', 'relationship_counters_pkey'],
  ],
  [
    'twenty conversations with their people, newest messages, and what is unread',
    () => `{ viewer { badges { unreadConversations } conversations(first: 20) { nodes { unreadCount lastReadMessage { text }
      participants(first: 5) { nodes { name } } messages(last: 3) { nodes { text sender { name } } } } } } }`,
    ['conversation_members_by_activity', 'conversation_members_unread', 'messages_seq_key', 'messages_by_sender'],
  ],
  [
    'a message to a large group',
    ({ group }) =>
      `mutation { sendMessage(input: { conversationId: "${group}", text: "Hello" }) { messageEdge { node { text } } } }`,
    ['conversations_pkey', 'conversation_members_pkey', 'messages_by_id'],
  ],
  [
    'nodes of every kind by their ids',
    (w) => `{ nodes(ids: ["${w.author}", "${w.followed}", "${w.liked}", "${w.commented}", "${w.comment}"]) { id } }`,
    ['users_pkey', 'posts_pkey', 'comments_by_id'],
  ],
  [
    'a person by handle',
    ({ reader: { handle } }) => `{ userByHandle(handle: "${handle}") { name email } }`,
    ['user_handles_pkey'],
  ],
  [
    'a post that is published and written to feeds',
    () => 'mutation { createPost(input: { text: "Hello", clientMutationId: "plans" }) { postEdge { node { text } } } }',
    ['follows_by_followee'],
  ],
  [
    'a comment',
    ({ commented }) => `mutation { addComment(input: { postId: "${commented}", text: "Hello" }) { post { text } } }`,
    ['posts_pkey'],
  ],
  [
    'a like',
    ({ liked }) => `mutation { setPostLiked(input: { postId: "${liked}", liked: true }) { post { likeCount } } }`,
    ['posts_pkey'],
  ],
  [
    'a block',
    ({ followed }) =>
      `mutation { setRelationship(input: { userId: "${followed}", blocking: true }) { user { name } } }`,
    ['users_pkey', 'follows_pkey', 'feed_entries_by_time'],
  ],
  [
    'a new name and an account that opens',
    () => 'mutation { updateProfile(input: { name: "Reader", private: false }) { user { name } } }',
    ['users_pkey'],
  ],
  [
    'a comment that is deleted',
    ({ comment }) => `mutation { deleteNode(input: { id: "${comment}" }) { deletedId } }`,
    ['comments_by_id'],
  ],
  [
    'a sign-in',
    ({ reader: { handle } }) =>
      `mutation { signIn(input: { login: "${handle}@example.com", password: "x" }) { userErrors { code } } }`,
    ['credential_emails_pkey', 'credentials_pkey'],
  ],
];

const COMMENTED = 'text likeCount commentCount viewerHasLiked author { name }';

/** The same where copies of rows are kept, none of which is there yet. */
export const COPIED: typeof OPERATIONS = [
  [
    'twenty posts with the newest and the oldest comments of each',
    () => `{ viewer { feed(first: 20) { nodes { ${COMMENTED}
      newest: comments(first: 3, order: NEWEST) { nodes { text author { name } } } comments(first: 3) { nodes { text } } } } } }`,
    ['feed_entries_by_time', 'posts_pkey', 'users_pkey', 'comments_seq_key', 'comment_threads_pkey'],
  ],
  [
    'the thread that most comment on, and who is followed most',
    ({ commented, followed }) => `{ post(id: "${commented}") { ${COMMENTED} comments(first: 5) { nodes { text } } }
      user(id: "${followed}") { name counts { posts followers } posts(first: 20) { nodes { ${COMMENTED} } } } }`,
    ['posts_pkey', 'comments_seq_key', 'comment_threads_pkey', 'users_pkey', 'author_post_counters_pkey'],
  ],
];

const MOST = (counted: string, counter: string, table: string) =>
  `SELECT ${counted} FROM ${table} ORDER BY ${counter} DESC LIMIT 1`;
const TWENTY_PEOPLE = 'SELECT array_agg(id) FROM (SELECT id FROM users ORDER BY id LIMIT 20) twenty';

/** The functions that statements call, the indexes that bear them, and queries for what they are asked here. */
export const FUNCTIONS: readonly (readonly [name: string, indexes: readonly string[], values: readonly string[]])[] = [
  ['hidden_comments', ['comments_by_author'], [MOST('post_id', 'comment_count', 'comment_threads'), TWENTY_PEOPLE]],
  ['hidden_likes', ['likes_pkey'], [MOST('post_id', 'likes', 'post_like_counters'), TWENTY_PEOPLE]],
  // Any index of follows holds what these look up; which one is cheapest differs by the samples of ANALYZE.
  ['hidden_followers', [], [MOST('user_id', 'followers', 'relationship_counters'), TWENTY_PEOPLE]],
  ['hidden_followed', [], [MOST('user_id', 'following', 'relationship_counters'), TWENTY_PEOPLE]],
  ['has_blocked', [], ['SELECT blocker_id FROM blocks LIMIT 1', 'SELECT blocked_id FROM blocks LIMIT 1']],
];

/** What the body of a function selects, as a statement that takes what the function takes. */
export async function selectedBy(pool: Pool, name: string): Promise<string> {
  const { rows } = await pool.query<{ body: string; names: string[]; types: string }>(
    'SELECT prosrc AS body, proargnames AS names, oidvectortypes(proargtypes) AS types FROM pg_proc WHERE proname = $1',
    [name],
  );
  const { body = '', names = [], types = '' } = rows[0] ?? {};
  const [, selected = ''] = /^\s*BEGIN RETURN ([^;]+); END\s*$/.exec(body) ?? [];
  const place = (at: number) => `$${at + 1}::${types.split(', ')[at]}`;
  return names.reduce(
    (text, each, at) => text.replaceAll(new RegExp(`\\b${each}\\b`, 'g'), () => place(at)),
    `SELECT ${selected}`,
  );
}
