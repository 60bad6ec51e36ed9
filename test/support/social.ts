import type { GraphqlAnswer, Person, TestApp } from './app';
import { documentOf, type MutationName, mutate, relate } from './verbs';

/** What became of a mutation: `OK`, the code of its first user error, or that of a top-level error. */
export type Outcome = string;

/** What became of the mutation under an alias. */
export function outcomeOf(answer: GraphqlAnswer, alias: string): Outcome {
  const error = answer.errors?.[0];
  if (error) return error.extensions.code;
  return answer.data[alias].userErrors[0]?.code ?? 'OK';
}

/** Runs a mutation that may be refused. */
export async function attempt(app: TestApp, as: Person | null, name: MutationName, input: object): Promise<Outcome> {
  return outcomeOf(await app.query(documentOf(name), { input }, as), name);
}

export async function follow(app: TestApp, viewer: Person, ...others: Person[]): Promise<void> {
  for (const other of others) await relate(app, viewer, other, { following: true });
}

export async function answerRequest(app: TestApp, viewer: Person, requester: Person, accept = true): Promise<void> {
  const payload = await mutate(app, viewer, 'answerFollowRequest', { userId: requester.id, accept });
  if (payload.userErrors.length > 0) throw new Error(`refused: ${JSON.stringify(payload.userErrors)}`);
}

/** Follows a private account and has it accept. */
export async function followPrivate(app: TestApp, viewer: Person, other: Person): Promise<void> {
  await follow(app, viewer, other);
  await answerRequest(app, other, viewer);
}

export async function block(app: TestApp, viewer: Person, other: Person): Promise<void> {
  await relate(app, viewer, other, { blocking: true });
}

export async function unblock(app: TestApp, viewer: Person, other: Person): Promise<void> {
  await relate(app, viewer, other, { blocking: false });
}

/** As far as others see it: at once, and nothing of theirs is removed. */
export async function deleteAccount(app: TestApp, person: Person): Promise<void> {
  await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [person.uuid]);
}

/** How two people stand who have nothing to do with each other. */
export const STRANGERS = {
  following: false,
  followedBy: false,
  requested: false,
  blocking: false,
  muting: false,
} as const;

/** How the viewer stands to somebody, as `User.relationship` says it; null when there is nobody for the viewer. */
export async function standing(app: TestApp, viewer: Person | null, other: Person) {
  const document = `query Standing($id: ID!) {
    user(id: $id) { relationship { following followedBy requested blocking muting } }
  }`;
  return (await app.ok(document, { id: other.id }, viewer)).user?.relationship ?? null;
}

/** The counters of a person's lists, as their owner sees them. */
export async function countsOf(app: TestApp, person: Person): Promise<{ followers: number; following: number }> {
  const document = 'query Counts($id: ID!) { user(id: $id) { counts { followers following } } }';
  return (await app.ok(document, { id: person.id }, person)).user.counts;
}

/** How many transactions of this app's database wait for a lock. */
export async function waitingOnLocks(app: TestApp): Promise<number> {
  const { rows } = await app.sql.query(
    `SELECT count(*)::int AS waiting FROM pg_stat_activity
     WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0].waiting;
}

/** The id under which a person's own lists hang. */
export function viewerId(person: Person): string {
  return person.id.replace('user_', 'viewer_');
}

const PAGE = 'nodes { id } pageInfo { hasNextPage endCursor }';
const list = (type: string, field: string) => `query WholeList($id: ID!, $first: Int, $after: String) {
  owner: node(id: $id) { ... on ${type} { list: ${field}(first: $first, after: $after) { ${PAGE} } } }
}`;

const LISTS = {
  comments: list('Post', 'comments'),
  likedBy: list('Post', 'likedBy'),
  posts: list('User', 'posts'),
  followers: list('User', 'followers'),
  following: list('User', 'following'),
  feed: list('Viewer', 'feed'),
  blocks: list('Viewer', 'blocks'),
  mutes: list('Viewer', 'mutes'),
  followRequests: list('Viewer', 'followRequests'),
} as const;

export type ListName = keyof typeof LISTS;

const PAGES_MAX = 100;

/** The ids in a whole list, read page by page; null when what the list hangs on is not there for this viewer. */
export async function readWhole(
  app: TestApp,
  as: Person | null,
  name: ListName,
  id: string,
  pageSize = 2,
): Promise<string[] | null> {
  const ids: string[] = [];
  let after: string | null = null;
  for (let page = 0; page < PAGES_MAX; page += 1) {
    const { owner } = await app.ok(LISTS[name], { id, first: pageSize, after }, as);
    if (!owner) return null;
    const nodes: { id: string }[] = owner.list.nodes;
    ids.push(...nodes.map((node) => node.id));
    if (!owner.list.pageInfo.hasNextPage) return ids;
    // What is hidden is left out before a page is cut, so only the last page may be short.
    if (nodes.length !== pageSize) throw new Error(`a page of ${nodes.length} that is not the last`);
    after = owner.list.pageInfo.endCursor;
  }
  throw new Error('the list does not end');
}
