import type { People } from './people';
import { type Relations, WorldSizeError } from './relations';
import { Rng, STREAM } from './rng';
import { at } from './sampling';
import type { CellValue, WorldTable } from './table';
import { fill } from './template';
import { uuidAt } from './uuid';
import { CHAT_LINES, CHAT_OPENERS, CHAT_REQUESTS, GROUP_TITLES } from './vocabulary/chat';

/** Of so many conversations, one is a group, and one a request that nobody has answered. */
const GROUP_EVERY = 5;
const REQUEST_EVERY = 9;
/** Every so many, one of the cast is in it: they are the ones whom visitors sign in as. */
const CAST_OF = { every: 3, most: 2 };
const GROUP_FRIENDS_MAX = 5;
const MESSAGES = { min: 6, max: 26 };
const REQUEST_MESSAGES_MAX = 2;
const UNREAD_EVERY = 3;
const TRIES_FOR_EACH = 60;
const MINUTE_MS = 60_000;
/** The liveliest conversation is this old, and each further one so much older. */
const AGE = { first: 4 * MINUTE_MS, step: 47 * MINUTE_MS };
const SPAN_MS = 9 * 24 * 60 * MINUTE_MS;

type Row = readonly CellValue[];

interface Plan {
  /** Whoever began it stands first. */
  readonly members: readonly number[];
  readonly kind: 'direct' | 'group' | 'request';
}

/**
 * Conversations among people of whom each follows whoever began, but for the requests. Made at once: a world has few.
 * @throws WorldSizeError when so many do not exist.
 */
export function conversationTables(
  people: People,
  relations: Relations,
  count: number,
  seed: number,
  now: number,
): WorldTable[] {
  const [conversations, pairs, members, intervals, messages]: [Row[], Row[], Row[], Row[], Row[]] = [
    [],
    [],
    [],
    [],
    [],
  ];
  for (const [index, plan] of planConversations(people, relations, count, seed).entries()) {
    const rng = new Rng(seed, STREAM.conversationText, index);
    const ids = plan.members.map((member) => people.ids[member] as string);
    const joined = Math.max(...plan.members.map((member) => at(people.createdAt, member)));
    const end = Math.max(joined, now - AGE.first - index * AGE.step);
    const begin = Math.max(joined, end - rng.below(SPAN_MS));
    const id = uuidAt(begin, rng);
    const size =
      plan.kind === 'request' ? rng.between(1, REQUEST_MESSAGES_MAX) : rng.between(MESSAGES.min, MESSAGES.max);
    const filling = { rng, words: {}, values: {} };
    const senders: string[] = [];
    for (let seq = 1; seq <= size; seq++) {
      const templates = plan.kind === 'request' ? CHAT_REQUESTS : seq === 1 ? CHAT_OPENERS : CHAT_LINES;
      const sender = plan.kind === 'request' || seq === 1 ? ids[0] : rng.pick(ids);
      const sent = begin + Math.floor(((end - begin) * seq) / size);
      senders.push(sender as string);
      messages.push([
        id,
        uuidAt(sent, rng),
        seq,
        sender as string,
        fill(rng.pick(templates), filling),
        1,
        iso(sent),
        iso(sent),
      ]);
    }
    const kind = plan.kind === 'group' ? 'group' : 'direct';
    const title = kind === 'group' ? fill(rng.pick(GROUP_TITLES), filling) : null;
    conversations.push([id, kind, title, size, 1, ids[0] as string, iso(begin), iso(begin)]);
    if (kind === 'direct') pairs.push([[...ids].sort().join(':'), id]);
    for (const [place, userId] of ids.entries()) {
      const state = plan.kind === 'request' && place > 0 ? 'requested' : 'active';
      const received = senders.findLastIndex((sender) => sender !== userId) + 1;
      const hasRead = senders[size - 1] === userId || (state === 'active' && (index + place) % UNREAD_EVERY > 0);
      const read = hasRead ? size : state === 'active' ? Math.max(0, size - rng.between(1, 3)) : 0;
      members.push([id, userId, state, 0, read, received, false, iso(begin), iso(end)]);
      intervals.push([id, userId, 0, null]);
    }
  }
  return [
    stored('conversations', 'id kind title last_seq version created_by created_at updated_at', conversations),
    stored('conversation_pairs', 'pair_key conversation_id', pairs),
    stored(
      'conversation_members',
      'conversation_id user_id state from_seq last_read_seq last_received_seq muted joined_at last_activity_at',
      members,
    ),
    stored('membership_intervals', 'conversation_id user_id from_seq until_seq', intervals),
    stored('messages', 'conversation_id id seq sender_id text version sent_at updated_at', messages),
  ];
}

function planConversations(people: People, relations: Relations, count: number, seed: number): Plan[] {
  const rng = new Rng(seed, STREAM.conversation);
  const plans: Plan[] = [];
  const taken = new Set<string>();
  const cast = people.cast.filter((member) => member >= 0 && at(people.isAloof, member) === 0);
  for (let tries = 0; plans.length < count; tries++) {
    if (tries > count * TRIES_FOR_EACH) {
      throw new WorldSizeError(
        `People who know each other have no ${count} conversations: ask for fewer or for more follows.`,
      );
    }
    const place = plans.length;
    const wanted = place % CAST_OF.every < CAST_OF.most && cast.length > 0 ? rng.pick(cast) : rng.below(people.count);
    const plan = planOne(people, relations, wanted, kindAt(place), rng);
    const key = plan && plan.kind !== 'group' ? [...plan.members].sort((a, b) => a - b).join() : '';
    if (!plan || taken.has(key)) continue;
    if (key !== '') taken.add(key);
    plans.push(plan);
  }
  return plans;
}

function kindAt(place: number): Plan['kind'] {
  if (place % REQUEST_EVERY === REQUEST_EVERY - 1) return 'request';
  return place % GROUP_EVERY === GROUP_EVERY - 1 ? 'group' : 'direct';
}

/** A conversation of this person: begun among those who follow them, or, as a request, by somebody whom they do not. */
function planOne(people: People, relations: Relations, person: number, kind: Plan['kind'], rng: Rng): Plan | null {
  const { follows, followersOf, followingOf } = relations;
  if (at(people.isAloof, person) === 1) return null;
  if (kind === 'request') {
    const stranger = rng.below(people.count);
    const knows = [...followingOf.of(person)].some((follow) => at(follows.to, follow) === stranger);
    const apart = stranger === person || at(people.isAloof, stranger) === 1 || relations.isBlocked(person, stranger);
    return knows || apart ? null : { kind, members: [stranger, person] };
  }
  const friends = [...followersOf.of(person)].map((follow) => at(follows.from, follow));
  const wanted = kind === 'group' ? rng.between(2, GROUP_FRIENDS_MAX) : 1;
  const chosen = new Set<number>();
  for (let tries = 0; chosen.size < wanted && tries < wanted * TRIES_FOR_EACH && friends.length > 0; tries++) {
    chosen.add(rng.pick(friends));
  }
  return chosen.size < wanted ? null : { kind, members: [person, ...chosen] };
}

function stored(name: string, columns: string, rows: readonly Row[]): WorldTable {
  return {
    name,
    columns: columns.split(' '),
    rowCount: rows.length,
    *rows() {
      yield* rows;
    },
  };
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
