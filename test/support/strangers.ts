import { get } from '../pipeline/asking';
import type { TestApp } from './app';

/** What strangers are shown, with all that can change in it. */
const PROFILE = `id name handle bio private version counts { posts followers following }
  posts(first: 3) { nodes { id text likeCount commentCount } pageInfo { hasNextPage } }
  followers(first: 3) { nodes { id name } } following(first: 3) { nodes { id name } }`;

export const PERSON_SCREEN = `query StrangerPerson($id: ID!) { user(id: $id) { ${PROFILE} } }`;
export const HANDLE_SCREEN = `query StrangerHandle($handle: String!) { userByHandle(handle: $handle) { ${PROFILE} } }`;
export const POST_SCREEN = `query StrangerPost($id: ID!) { post(id: $id) {
  id text audience version likeCount commentCount author { name handle } likedBy(first: 3) { nodes { id name } }
  comments(first: 3, order: NEWEST) { nodes { id text author { id name private } } pageInfo { hasNextPage } } } }`;

/** One thing that a stranger looks at. */
export interface Sight {
  readonly query: string;
  readonly variables: object;
}

export const person = ({ id }: { readonly id: string }): Sight => ({ query: PERSON_SCREEN, variables: { id } });
export const handle = (name: string): Sight => ({ query: HANDLE_SCREEN, variables: { handle: name } });
export const post = (id: string): Sight => ({ query: POST_SCREEN, variables: { id } });

/** What a stranger is answered by GET, from the cache if it is there. */
export async function look(app: TestApp, sight: Sight) {
  const { status, body } = await get(app, sight);
  if (status !== 200 || body.errors) throw new Error(JSON.stringify(body));
  return body.data;
}

/** The same as it is now: nothing that is sent by POST is kept. */
export function lookAnew(app: TestApp, { query, variables }: Sight) {
  return app.ok(query.replace('Stranger', 'Fresh'), variables);
}

/** Asks until the answer is kept, and has gone out once as it does from the cache; answers it. */
export async function warm(app: TestApp, sight: Sight) {
  await look(app, sight);
  await look(app, sight);
  return look(app, sight);
}

/** How many of these `work` has run instead of taking them from the cache. */
export async function runsOf(app: TestApp, work: () => Promise<unknown>): Promise<number> {
  const before = runs(app);
  await work();
  return runs(app) - before;
}

function runs(app: TestApp): number {
  return app.log.filter(({ msg, operation }) => msg === 'operation' && String(operation).startsWith('Stranger')).length;
}
