import { CAST } from './cast';
import { DAY_MS, type People } from './people';
import { Rng, STREAM } from './rng';
import { at, Lists, PairSet, WeightedDraw } from './sampling';

/** Thrown for a size no world can have; the message names what to change. */
export class WorldSizeError extends Error {
  override readonly name = 'WorldSizeError';
}

const MINUTE_MS = 60_000;
const BLOCKS_PER_PERSON = 0.02;
const MUTES_PER_PERSON = 0.03;
const REQUEST_CHANCE = 0.12;
const REQUESTS_AT_NOOR = 6;
const REQUEST_AGE_DAYS = 14;
const FOLLOW_BACK_CHANCE = 0.35;
const POPULAR = 0.02;
/** Above this part of all possible pairs, drawing pairs that are still free takes too long. */
const DENSITY_MAX = 0.6;
const CAST_FOLLOWS_MAX = 400;

/** Directed pairs of people, ascending by (from, to). */
export interface Pairs {
  readonly from: Int32Array;
  readonly to: Int32Array;
  /** Epoch ms. */
  readonly createdAt: Float64Array;
}

/** Who follows, blocks and mutes whom. */
export interface Relations {
  readonly follows: Pairs & { readonly isAccepted: Uint8Array };
  readonly blocks: Pairs;
  readonly mutes: Pairs;
  /** For each person, positions in `follows` of the accepted ones towards them, and from them. */
  readonly followersOf: Lists;
  readonly followingOf: Lists;
  /** How many people are on either side of a block with this person. */
  readonly blockedPeers: Int32Array;
  isBlocked(a: number, b: number): boolean;
}

/** @throws WorldSizeError when that many pairs do not exist */
export function planRelations(
  people: People,
  size: { follows: number; blocks?: number },
  seed: number,
  now: number,
): Relations {
  const rng = new Rng(seed, STREAM.relation);
  const active = people.isAloof.reduce((count, aloof) => count - aloof, people.count);
  const possible = Math.floor(active * (active - 1) * DENSITY_MAX);
  const blockCount = size.blocks ?? Math.floor(people.count * BLOCKS_PER_PERSON);
  if (size.follows + 2 * blockCount > possible) {
    throw new WorldSizeError(
      `${people.count} users have room for ${Math.max(0, possible - 2 * blockCount)} follows beside ${blockCount} blocks: ask for fewer of them or for more users.`,
    );
  }

  const blocked = new PairSet(people.count, blockCount);
  const [ada, theo, noor, ivo, , mei] = people.cast as [number, number, number, number, number, number];
  if (blockCount > 0 && ivo >= 0 && ada >= 0) blocked.add(ivo, ada);
  while (blocked.size < blockCount) {
    const a = rng.below(people.count);
    const b = rng.below(people.count);
    // The cast's own blocks are the ones its notes speak of.
    const castInvolved = people.cast.indexOf(a) >= 0 || people.cast.indexOf(b) >= 0;
    const spare = active > CAST.length * 3;
    if (a !== b && at(people.isAloof, a) + at(people.isAloof, b) === 0 && !(spare && castInvolved)) blocked.add(a, b);
  }
  const isBlocked = (a: number, b: number) => blocked.has(a, b) || blocked.has(b, a);

  const followed = drawFollows(people, size.follows, isBlocked, new Rng(seed, STREAM.follow), [theo, mei, noor]);
  const follows = datedPairs(followed, people, new Rng(seed, STREAM.follow, 1), now);
  const isAccepted = answerRequests(follows, people, noor, ada, rng, now);
  const accepted = (end: Int32Array) => Int32Array.from(end, (person, i) => (at(isAccepted, i) === 1 ? person : -1));
  const followersOf = Lists.group(accepted(follows.to), people.count);
  const followingOf = Lists.group(accepted(follows.from), people.count);

  const muted = new PairSet(people.count, 16);
  const muteCount = Math.floor(people.count * MUTES_PER_PERSON);
  for (let attempt = 0; attempt < muteCount * 4 && muted.size < muteCount && follows.from.length > 0; attempt++) {
    const i = rng.below(follows.from.length);
    if (at(isAccepted, i) === 1 && at(follows.from, i) !== ada) muted.add(at(follows.from, i), at(follows.to, i));
  }

  const blocks = datedPairs(blocked, people, rng, now);
  const blockedPeers = new Int32Array(people.count);
  blocks.from.forEach((a, i) => {
    const b = at(blocks.to, i);
    if (a > b && blocked.has(b, a)) return;
    blockedPeers[a] = at(blockedPeers, a) + 1;
    blockedPeers[b] = at(blockedPeers, b) + 1;
  });
  const mutes = datedPairs(muted, people, rng, now);
  return { follows: { ...follows, isAccepted }, blocks, mutes, followersOf, followingOf, blockedPeers, isBlocked };
}

function drawFollows(
  people: People,
  count: number,
  isBlocked: (a: number, b: number) => boolean,
  rng: Rng,
  friendsOfAda: readonly number[],
): PairSet {
  const pairs = new PairSet(people.count, count);
  if (count === 0) return pairs;
  const follow = (a: number, b: number): boolean => {
    if (pairs.size >= count || a === b || at(people.isAloof, a) === 1 || at(people.isAloof, b) === 1) return false;
    return !isBlocked(a, b) && pairs.add(a, b);
  };
  const popularity = new WeightedDraw(people.popularity);
  const [ada = -1] = people.cast;
  for (const friend of friendsOfAda) if (ada >= 0 && friend >= 0) follow(ada, friend);
  people.cast.forEach((person, castNumber) => {
    const wanted = Math.min((CAST[castNumber]?.follows ?? 0) * people.count, CAST_FOLLOWS_MAX, count / CAST.length);
    for (let i = 0; person >= 0 && i < wanted; i++)
      follow(person, rng.chance(0.5) ? popularity.draw(rng) : rng.below(people.count));
  });
  const sociability = new WeightedDraw(Float64Array.from(people.createdAt, () => Math.exp(rng.normal())));
  for (let attempt = 0; attempt < count * 40 && pairs.size < count; attempt++) {
    const a = sociability.draw(rng);
    const b = rng.chance(0.8) ? popularity.draw(rng) : rng.below(people.count);
    const back = FOLLOW_BACK_CHANCE * (at(people.popularity, b) > POPULAR ? 0.2 : 1);
    if (follow(a, b) && rng.chance(back)) follow(b, a);
  }
  // A dense world: what luck did not find is filled up in order.
  for (let a = 0; a < people.count && pairs.size < count; a++) {
    for (let b = 0; b < people.count; b++) follow(a, b);
  }
  return pairs;
}

function datedPairs(pairs: PairSet, people: People, rng: Rng, now: number): Pairs {
  const keys = pairs.sorted();
  const from = Int32Array.from(keys, (key) => Math.floor(key / pairs.base));
  const to = Int32Array.from(keys, (key) => key % pairs.base);
  const createdAt = Float64Array.from(keys, (_, i) => {
    const earliest = Math.max(at(people.createdAt, at(from, i)), at(people.createdAt, at(to, i)));
    return Math.floor(earliest + (now - MINUTE_MS - earliest) * rng.float() ** 1.3);
  });
  return { from, to, createdAt };
}

/** Decides which follows towards private accounts are still waiting; those are recent. */
function answerRequests(follows: Pairs, people: People, noor: number, ada: number, rng: Rng, now: number): Uint8Array {
  const isAccepted = new Uint8Array(follows.from.length).fill(1);
  const wait = (i: number): void => {
    isAccepted[i] = 0;
    const earliest = Math.max(at(people.createdAt, at(follows.from, i)), at(people.createdAt, at(follows.to, i)));
    const recent = now - MINUTE_MS - rng.float() * REQUEST_AGE_DAYS * DAY_MS;
    follows.createdAt[i] = Math.floor(Math.max(earliest, recent));
  };
  let waitingAtNoor = 0;
  let followersOfNoor = 0;
  for (const to of follows.to) if (to === noor) followersOfNoor++;
  for (let i = 0; i < isAccepted.length; i++) {
    const to = at(follows.to, i);
    if (at(people.isPrivate, to) === 0) continue;
    const atNoor =
      to === noor && at(follows.from, i) !== ada && waitingAtNoor < Math.min(REQUESTS_AT_NOOR, followersOfNoor / 2);
    if (atNoor ? rng.chance(0.6) : rng.chance(REQUEST_CHANCE) && at(follows.from, i) !== ada) {
      wait(i);
      if (to === noor) waitingAtNoor++;
    }
  }
  return isAccepted;
}
