import type { Person, TestApp } from './app';
import { comment, crowd, like, publish, relate } from './verbs';

/** One connection of the API: how to ask for a page of it. */
export interface List {
  readonly name: string;
  /** The field with `%` where its page arguments go, inside the fields around it. */
  readonly path: string;
  readonly as: Person;
  /** The names of the fields around it in an answer. */
  readonly keys: readonly string[];
}

export interface PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
}

export interface Page {
  readonly edges: readonly { readonly cursor: string; readonly node: { readonly id: string } }[];
  readonly nodes: readonly { readonly id: string }[];
  readonly pageInfo: PageInfo;
}

export interface PageArguments {
  readonly first?: number | null;
  readonly after?: string | null;
}

const PAGE = 'edges { cursor node { id } } nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';

export function queryPage(app: TestApp, list: List, page: PageArguments) {
  const field = list.path.replace('%', `first: $first, after: $after`).replace('@', `{ ${PAGE} }`);
  return app.query(`query Page($first: Int, $after: String) { ${field} }`, page, list.as);
}

export async function readPage(app: TestApp, list: List, page: PageArguments): Promise<Page> {
  const answer = await queryPage(app, list, page);
  if (answer.errors) throw new Error(`${list.name}: ${JSON.stringify(answer.errors)}`);
  return list.keys.reduce((within, key) => within[key], answer.data);
}

/** More than any list of a test has. */
const PAGES_MAX = 200;

/** The pages of a list to its end, one after the other. @throws Error when it has none. */
export async function* pagesOf(app: TestApp, list: List, first: number): AsyncGenerator<Page> {
  let after: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const page: Page = await readPage(app, list, { first, after });
    yield page;
    if (!page.pageInfo.hasNextPage) return;
    after = page.pageInfo.endCursor;
  }
  throw new Error(`${list.name} does not end`);
}

export function idsOf(page: Page): string[] {
  return page.edges.map(({ node }) => node.id);
}

/** The lists of one person and one post, as that person sees them. */
export function listsOf(owner: Person, postId: string): List[] {
  const user = (field: string): List => ({
    name: field,
    path: `user(id: "${owner.id}") { ${field}(%) @ }`,
    as: owner,
    keys: ['user', field],
  });
  const viewer = (field: string): List => ({
    name: field,
    path: `viewer { ${field}(%) @ }`,
    as: owner,
    keys: ['viewer', field],
  });
  const post = (name: string, field: string, argument: string): List => ({
    name,
    path: `post(id: "${postId}") { ${field}(${argument} %) @ }`,
    as: owner,
    keys: ['post', field],
  });
  return [
    user('posts'),
    user('followers'),
    user('following'),
    viewer('feed'),
    viewer('blocks'),
    viewer('mutes'),
    viewer('followRequests'),
    post('likedBy', 'likedBy', ''),
    post('comments OLDEST', 'comments', 'order: OLDEST,'),
    post('comments NEWEST', 'comments', 'order: NEWEST,'),
  ];
}

/**
 * Fills every list of `listsOf` with `size` elements. Most get the same time, so that only their ids put them in
 * order; comments are put in order by their number.
 */
export async function fillLists(app: TestApp, owner: Person, size: number): Promise<{ postId: string }> {
  const others = await crowd(app, `${owner.handle}s_friend`, size);
  const strangers = await crowd(app, `${owner.handle}s_stranger`, size);
  const posts: string[] = [];
  for (let i = 0; i < size; i += 1) posts.push(await publish(app, owner, `Post ${i}`));
  const postId = posts[0] as string;
  await Promise.all(
    others.map(async (other) => {
      await relate(app, other, owner, { following: true });
      await relate(app, owner, other, { following: true, muting: true });
      await like(app, other, postId);
      await comment(app, other, postId);
    }),
  );
  await app.ok('mutation { updateProfile(input: { private: true }) { userErrors { code } } }', {}, owner);
  await Promise.all(strangers.map((stranger) => relate(app, stranger, owner, { following: true })));
  const blocked = await crowd(app, `${owner.handle}s_enemy`, size);
  await Promise.all(blocked.map((enemy) => relate(app, owner, enemy, { blocking: true })));
  await app.jobsDone();
  for (const table of ['posts', 'follows', 'blocks', 'mutes', 'likes']) {
    await app.sql.query(`UPDATE ${table} SET created_at = date_trunc('minute', created_at)`);
  }
  await app.sql.query(`UPDATE feed_entries e SET published_at = p.created_at FROM posts p WHERE p.id = e.post_id`);
  return { postId };
}
