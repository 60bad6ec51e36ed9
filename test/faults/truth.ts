import type { Api } from './api';
import type { ListTruth } from './history';
import type { Person } from './person';
import { type World, wallOf } from './world';

const PAGE = 100;
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';
const QUERIES = {
  comments: `query ($id: ID!, $after: String) { owner: post(id: $id) {
    list: comments(first: ${PAGE}, after: $after) { edges { cursor node { id } } ${PAGE_INFO} } } }`,
  posts: `query ($id: ID!, $after: String) { owner: user(id: $id) {
    list: posts(first: ${PAGE}, after: $after) { edges { cursor node { id } } ${PAGE_INFO} } } }`,
  messages: `query ($id: ID!, $after: String) { owner: node(id: $id) { ... on Conversation {
    list: messages(first: ${PAGE}, after: $after) { edges { cursor node { id seq } } ${PAGE_INFO} } } } }`,
};

/** The lists that clients follow or writers fill, as the API shows them to somebody who may see all of each. */
export async function readLists(world: World, api: Api): Promise<ListTruth[]> {
  const truths: ListTruth[] = [];
  for (const { id, host, start } of world.rooms) truths.push(await readList(api, host, 'comments', id, id, start));
  for (const { id, members, start } of world.conversations) {
    truths.push(await readList(api, members[0] as Person, 'messages', id, id, start));
  }
  for (const writer of world.writers) {
    truths.push(await readList(api, writer, 'posts', writer.id, wallOf(writer.id), null));
  }
  return truths;
}

/** From behind `start` to its end. */
async function readList(
  api: Api,
  as: Person,
  kind: keyof typeof QUERIES,
  id: string,
  name: string,
  start: string | null,
): Promise<ListTruth> {
  const edges: { id: string; cursor: string; seq: number | null }[] = [];
  for (let after = start, more = true; more; ) {
    const { owner } = await api.insist(as, QUERIES[kind], { id, after });
    for (const { cursor, node } of owner.list.edges) edges.push({ id: node.id, cursor, seq: node.seq ?? null });
    after = owner.list.pageInfo.endCursor ?? after;
    more = owner.list.pageInfo.hasNextPage;
  }
  return { list: name, before: start === null ? 0 : 1, edges };
}
