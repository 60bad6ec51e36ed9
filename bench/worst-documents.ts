import type { DocumentLimits } from '../src/graphql/pipeline/limits';
import { Refusal } from '../src/graphql/pipeline/refusal';
import { readOperationRequest } from '../src/graphql/pipeline/request';
import type { LargestWorld } from './largest-world';
import type { OperationRunner, Sent } from './operation-runner';

/** A kind of expensive document, of which the limits accept members up to some size. */
export interface Family {
  readonly name: string;
  /** @param outer length of the outer list @param inner length of the lists inside @param extra aliases besides */
  readonly write: (outer: number, inner: number, extra: number) => Sent;
}

/** The most expensive member of a family that the limits accept. */
export interface Worst {
  readonly family: string;
  readonly sent: Sent;
  readonly shape: string;
  readonly cost: number;
  readonly statements: number;
}

const USER = 'id name handle bio private version createdAt updatedAt email';
const POST = 'id text audience version createdAt updatedAt likeCount commentCount viewerHasLiked';
const COMMENT = 'id text version createdAt updatedAt';
const STANDING = 'relationship { following followedBy requested blocking muting }';
const COUNTS = 'counts { posts followers following }';
const PAGE = 'pageInfo { hasNextPage hasPreviousPage startCursor endCursor }';
const INNER_SIZES = [100, 50, 20, 10, 5, 2, 1];
const PAGE_MAX = 100;

/** The same field again and again under other names. */
function again(field: string, times: number): string {
  return Array.from({ length: times }, (_, n) => `a${n}: ${field}`).join(' ');
}

function viewer(selection: string): Sent {
  return { query: `query Worst { viewer { ${selection} } }` };
}

function people(inside: (inner: number, extra: number) => string): Family['write'] {
  return (outer, inner, extra) => viewer(`user { following(first: ${outer}) { nodes { ${inside(inner, extra)} } } }`);
}

function feed(inside: (inner: number, extra: number) => string): Family['write'] {
  return (outer, inner, extra) => viewer(`feed(first: ${outer}) { nodes { ${inside(inner, extra)} } }`);
}

/** Lists of people one inside the other, `levels` deep. */
function chain(levels: number, size: number, leaf: string): string {
  if (levels === 0) return leaf;
  return `following(first: ${size}) { nodes { ${chain(levels - 1, size, leaf)} } }`;
}

/** Everything that is worth trying. Each is one way to make a short document dear. */
export function familiesOf(world: LargestWorld): Family[] {
  const ids = (length: number) => ({ ids: world.postIds.slice(0, length) });
  return [
    { name: 'posts of many people, with text', write: people((n) => `posts(first: ${n}) { nodes { text } }`) },
    { name: 'posts of many people, everything', write: people((n) => `posts(first: ${n}) { nodes { ${POST} } }`) },
    { name: 'one page of posts, text again and again', write: feed((_, extra) => `text ${again('text', extra)}`) },
    {
      name: 'posts of many people, text again and again',
      write: people((n, extra) => `posts(first: ${n}) { nodes { text ${again('text', extra)} } }`),
    },
    {
      name: 'posts of many people, counts again and again',
      write: people((n, extra) => `posts(first: ${n}) { nodes { likeCount ${again('viewerHasLiked', extra)} } }`),
    },
    {
      name: 'posts of many people, authors again and again',
      write: people((n, extra) => `posts(first: ${n}) { nodes { ${again('author { id }', extra)} } }`),
    },
    {
      name: 'followers of many people, everything',
      write: people((n) => `followers(first: ${n}) { nodes { ${USER} } ${PAGE} }`),
    },
    {
      name: 'followers of many people, with standing and counts',
      write: people((n) => `followers(first: ${n}) { nodes { ${USER} ${STANDING} ${COUNTS} } }`),
    },
    {
      name: 'followers of many people, dates again and again',
      write: people((n, extra) => `followers(first: ${n}) { nodes { id ${again('createdAt', extra)} } }`),
    },
    {
      name: 'followers of many people, ids again and again',
      write: people((n, extra) => `followers(first: ${n}) { nodes { ${again('id', extra)} } }`),
    },
    {
      name: 'followers of many people, cursors again and again',
      write: people((n, extra) => `followers(first: ${n}) { edges { ${again('cursor', extra)} } }`),
    },
    {
      name: 'feed with comments and their authors',
      write: feed(
        (n) =>
          `${POST} author { ${USER} } comments(first: ${n}) { edges { cursor node { ${COMMENT} author { ${USER} } } } }`,
      ),
    },
    { name: 'feed with comments, texts only', write: feed((n) => `comments(first: ${n}) { nodes { text } }`) },
    {
      name: 'feed with comments, text again and again',
      write: feed((n, extra) => `comments(first: ${n}) { nodes { text ${again('text', extra)} } }`),
    },
    {
      name: 'feed with likers, everything',
      write: feed((n) => `likedBy(first: ${n}) { nodes { ${USER} ${STANDING} } }`),
    },
    {
      name: 'feed with likers by edges and by nodes',
      write: feed((n) => `likedBy(first: ${n}) { edges { cursor node { ${USER} } } nodes { ${USER} } ${PAGE} }`),
    },
    {
      name: 'feed with many different pages of comments',
      write: feed((n, extra) =>
        Array.from({ length: Math.min(extra, 15) }, (_, i) => `c${i}: comments(first: ${n + i}) { nodes { id } }`).join(
          ' ',
        ),
      ),
    },
    ...[2, 3, 4, 5].map((levels) => ({
      name: `people of people, ${levels} deep`,
      write: (_: number, inner: number, __: number) =>
        viewer(`user { ${chain(levels, inner, `${USER} ${STANDING} ${COUNTS}`)} }`),
    })),
    {
      name: 'every list of one person',
      write: (n) =>
        viewer(`feed(first: ${n}) { nodes { ${POST} } } followRequests(first: ${n}) { nodes { ${USER} } }
          blocks(first: ${n}) { nodes { ${USER} } } mutes(first: ${n}) { nodes { ${USER} } }
          user { ${USER} posts(first: ${n}) { nodes { ${POST} } } followers(first: ${n}) { nodes { ${USER} } }
            following(first: ${n}) { nodes { ${USER} ${COUNTS} } } }`),
    },
    {
      name: 'nodes by their ids, everything, by fragments',
      write: (outer, inner) => ({
        query: `query Worst($ids: [ID!]!) { nodes(ids: $ids) { ...P ...V } }
          fragment P on Post { ${POST} author { ...U } likedBy(first: ${inner}) { nodes { ...U } } }
          fragment U on User { ${USER} ${STANDING} } fragment V on Versioned { version updatedAt }`,
        variables: ids(outer),
      }),
    },
    {
      name: 'nodes by their ids, again and again',
      write: (outer, _, extra) => ({
        query: `query Worst($ids: [ID!]!) { ${again('nodes(ids: $ids) { id ... on Post { text } }', Math.min(extra, 20))} }`,
        variables: ids(outer),
      }),
    },
    {
      // The authors of posts are at hand when those of comments are still to be read.
      name: 'people who are known in part, and their followers',
      write: feed(() => `author { id } comments(first: 100) { nodes { author { counts { followers } } } }`),
    },
    {
      name: 'people who are known in part, and what they count',
      write: feed(
        (n) =>
          `author { id } comments(first: ${n}) { nodes { author { ${COUNTS} ${STANDING} followers(first: 1) { nodes { ${COUNTS} } } } } }`,
      ),
    },
  ];
}

/** The member of a family with the highest cost that the limits accept; null when they accept none. */
export async function findWorst(runner: OperationRunner, family: Family): Promise<Worst | null> {
  let worst: Worst | null = null;
  for (const extra of aliasCounts(runner.config.documents.limits)) {
    for (const inner of INNER_SIZES) {
      const outer = await longestAccepted(runner, (n) => family.write(n, inner, extra));
      if (outer === null) continue;
      const sent = family.write(outer.length, inner, extra);
      // What costs alike is worse with more names for the same field.
      if (worst && outer.cost * (1 + extra / 4) <= worst.cost * (1 + Number(worst.shape.split(' ')[4]) / 4)) continue;
      const shape = `${outer.length} x ${inner}, aliases ${extra}`;
      worst = { family: family.name, sent, shape, cost: outer.cost, statements: outer.statements };
    }
  }
  return worst;
}

function aliasCounts({ aliases }: DocumentLimits): number[] {
  return [...new Set([aliases, Math.floor(aliases / 4), 1])];
}

async function longestAccepted(runner: OperationRunner, write: (length: number) => Sent) {
  let best: { length: number; cost: number; statements: number } | null = null;
  for (let low = 1, high = PAGE_MAX; low <= high; ) {
    const length = Math.floor((low + high) / 2);
    const estimate = await estimateOf(runner, write(length));
    if (estimate) {
      best = { length, ...estimate };
      low = length + 1;
    } else high = length - 1;
  }
  return best;
}

/** What the pipeline estimates; null when it refuses. */
export async function estimateOf(runner: OperationRunner, sent: Sent) {
  try {
    return (await runner.pipeline.prepare(readOperationRequest(sent))).estimate;
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}
