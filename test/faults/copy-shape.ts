import type { Api } from './api';
import { type CopyNode, copyOf, type Scope } from './history';
import type { Person } from './person';

/** What copies are kept of. */
export const COPIED: readonly Scope[] = ['FEED', 'MESSAGES', 'SOCIAL_GRAPH', 'PROFILE'];

/** What every change of a node shows, and every list that a copy is loaded from. */
export const HELD = `fragment Held on Node {
  __typename id
  ... on Post { version text audience author { id } }
  ... on Message { version seq text deleted conversation { id } sender { id } }
  ... on Conversation { title }
  ... on User { name bio relationship { following followedBy requested blocking muting } }
}`;

const PAGE = 100;
const PAGE_INFO = 'pageInfo { hasNextPage endCursor }';

/** The lists that make up a copy, each with the scope that it belongs to. */
const LISTS: readonly (readonly [Scope, string])[] = [
  ['FEED', viewerList('feed')],
  ['MESSAGES', viewerList('conversations')],
  ['SOCIAL_GRAPH', viewerList('blocks')],
  ['SOCIAL_GRAPH', viewerList('mutes')],
  ['SOCIAL_GRAPH', userList('following')],
  ['SOCIAL_GRAPH', userList('followers')],
];

const MESSAGES_OF = `query ($id: ID!, $after: String) { owner: node(id: $id) { ... on Conversation {
  list: messages(first: ${PAGE}, after: $after) { nodes { ...Held } ${PAGE_INFO} } } } } ${HELD}`;
const PROFILE = `query { viewer { user { ...Held } } } ${HELD}`;

function viewerList(field: string): string {
  return `query ($after: String) { owner: viewer { list: ${field}(first: ${PAGE}, after: $after) {
    nodes { ...Held } ${PAGE_INFO} } } } ${HELD}`;
}

function userList(field: string): string {
  return `query ($after: String) { viewer { owner: user { list: ${field}(first: ${PAGE}, after: $after) {
    nodes { ...Held } ${PAGE_INFO} } } } } ${HELD}`;
}

/** As the API answers `Held`. */
// biome-ignore lint/suspicious/noExplicitAny: of the shape of the fragment, by __typename
export type RawNode = any;

/**
 * One node as copies hold it, with what two copies must agree in. Null for what a copy need not hold: a person with
 * whom the viewer has nothing to do.
 */
export function toCopyNode(scope: Scope, raw: RawNode): CopyNode | null {
  const base = { scope, id: raw.id as string, version: null, text: null, author: null, place: null };
  switch (raw.__typename) {
    case 'Post':
      return {
        ...base,
        version: raw.version,
        text: raw.text,
        author: raw.author.id,
        state: `version ${raw.version} ${raw.audience} "${raw.text}"`,
      };
    case 'Message':
      return {
        ...base,
        version: raw.version,
        // What a deleted message still says was written by nobody.
        text: raw.deleted ? null : raw.text,
        author: raw.sender.id,
        place: { list: raw.conversation.id, seq: raw.seq },
        state: `${raw.seq} version ${raw.version} ${raw.deleted ? 'deleted' : `"${raw.text}"`}`,
      };
    case 'Conversation':
      return { ...base, state: `"${raw.title}"` };
    case 'User': {
      if (scope === 'PROFILE') return { ...base, state: `"${raw.name}" "${raw.bio}"` };
      const standing = Object.entries(raw.relationship ?? {}).flatMap(([name, holds]) => (holds ? [name] : []));
      return standing.length > 0 ? { ...base, state: standing.join(' and ') } : null;
    }
    default:
      return { ...base, state: raw.__typename };
  }
}

/** Everything that a person's copy has to hold, read list by list. */
export async function loadCopy(api: Api, as: Person): Promise<CopyNode[]> {
  const nodes: (CopyNode | null)[] = [];
  for (const [scope, query] of LISTS) {
    const raws = await readAll(api, as, query, {});
    nodes.push(...raws.map((raw) => toCopyNode(scope, raw)));
    for (const raw of raws) {
      if (raw.__typename !== 'Conversation') continue;
      const messages = await readAll(api, as, MESSAGES_OF, { id: raw.id });
      nodes.push(...messages.map((message) => toCopyNode(scope, message)));
    }
  }
  const { viewer } = await api.insist(as, PROFILE, {});
  nodes.push(toCopyNode('PROFILE', viewer.user));
  // A person can be in several lists of a scope.
  return [...copyOf(nodes.filter((node) => node !== null)).values()];
}

async function readAll(api: Api, as: Person, query: string, variables: object): Promise<RawNode[]> {
  const raws: RawNode[] = [];
  for (let after: string | null = null, more = true; more; ) {
    const data: RawNode = await api.insist(as, query, { ...variables, after });
    const { list } = data.owner ?? data.viewer.owner;
    raws.push(...list.nodes);
    after = list.pageInfo.endCursor ?? after;
    more = list.pageInfo.hasNextPage;
  }
  return raws;
}
