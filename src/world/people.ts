import { CAST } from './cast';
import { Rng, STREAM } from './rng';
import { at } from './sampling';
import { fill } from './template';
import { uuidAt } from './uuid';
import { BIOS, HANDLE_ENDS, NAME_GROUPS, type NameGroup } from './vocabulary/people';
import { TOPICS } from './vocabulary/topics';
import { VOICE, type Voice } from './writing';

export const DAY_MS = 86_400_000;
const OLDEST_ACCOUNT_DAYS = 1100;
const NEWEST_ACCOUNT_DAYS = 2;
const PRIVATE_CHANCE = 0.08;
const INTERESTS_PER_PERSON = 3;
const HANDLE_MAX_LENGTH = 30;
const NO_BIO_CHANCE = 0.14;
const EDIT_CHANCE = 0.06;
/** Exponent of the power law by which followers fall with rank. */
const POPULARITY_EXPONENT = 0.85;

/** Everybody, by position; positions ascend with `createdAt` and so with id. */
export interface People {
  readonly count: number;
  readonly ids: readonly string[];
  readonly names: readonly string[];
  readonly handles: readonly string[];
  /** Epoch ms. */
  readonly createdAt: Float64Array;
  /** Epoch ms, later than `createdAt` when the profile was edited. */
  readonly updatedAt: Float64Array;
  readonly isPrivate: Uint8Array;
  /** Takes no part in anything: a newcomer. */
  readonly isAloof: Uint8Array;
  readonly voices: Uint8Array;
  /** How likely a follow goes to this person; the highest is 1 apart from the cast. */
  readonly popularity: Float64Array;
  /** How likely a post comes from this person. */
  readonly activity: Float64Array;
  /** The position of each member of CAST, -1 in a world too small for all of them. */
  readonly cast: readonly number[];
  interest(position: number, rng: Rng): number;
  bio(position: number): string | null;
}

/** Invents `count` people. The first ones are the cast. */
export function planPeople(count: number, seed: number, now: number): People {
  const rng = new Rng(seed, STREAM.person);
  const ages = Array.from({ length: count }, (_, i) => ({
    castNumber: i < CAST.length ? i : -1,
    days: CAST[i]?.ageDays ?? NEWEST_ACCOUNT_DAYS + rng.float() * OLDEST_ACCOUNT_DAYS,
    jitter: rng.float(),
  }));
  ages.sort((a, b) => b.days - a.days || a.jitter - b.jitter);

  const cast = CAST.map((_, castNumber) => ages.findIndex((age) => age.castNumber === castNumber));
  const createdAt = Float64Array.from(ages, ({ days, jitter }) => Math.floor(now - (days - jitter * 0.4) * DAY_MS));
  createdAt.sort();
  const members = ages.map(({ castNumber }) => CAST[castNumber]);
  const isPrivate = Uint8Array.from(members, (member) => Number(member?.private ?? rng.chance(PRIVATE_CHANCE)));
  const isAloof = Uint8Array.from(members, (member) => Number(member?.aloof ?? false));
  const voices = Uint8Array.from(members, (member) => (member === undefined ? pickVoice(rng) : VOICE.plain));
  const interests = new Uint8Array(count * INTERESTS_PER_PERSON);
  members.forEach((member, i) => {
    for (let k = 0; k < INTERESTS_PER_PERSON; k++) {
      const name = member?.interests[k];
      interests[i * INTERESTS_PER_PERSON + k] =
        name === undefined ? rng.below(TOPICS.length) : TOPICS.findIndex((topic) => topic.name === name);
    }
  });

  const ids = Array.from(createdAt, (time, i) => uuidAt(time, new Rng(seed, STREAM.userId, i)));
  const { names, handles } = nameEverybody(members, rng);
  return {
    count,
    ids,
    names,
    handles,
    createdAt,
    updatedAt: Float64Array.from(createdAt, (time, i) => {
      const draw = new Rng(seed, STREAM.profileEdit, i);
      return draw.chance(EDIT_CHANCE) ? Math.ceil(time + (now - time) * (1 - draw.float())) : time;
    }),
    isPrivate,
    isAloof,
    voices,
    popularity: rankedPopularity(count, members, seed),
    activity: Float64Array.from(members, (member) => member?.activity ?? pickActivity(rng)),
    cast,
    interest: (position, draw) => at(interests, position * INTERESTS_PER_PERSON + draw.below(INTERESTS_PER_PERSON)),
    bio: (position) =>
      members[position]?.bio ?? writeBio(new Rng(seed, STREAM.person, position + 1), interests, position),
  };
}

function rankedPopularity(
  count: number,
  members: readonly ({ popularity: number } | undefined)[],
  seed: number,
): Float64Array {
  const rng = new Rng(seed, STREAM.popularity);
  const ranks = Int32Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = rng.below(i + 1);
    const swapped = at(ranks, i);
    ranks[i] = at(ranks, j);
    ranks[j] = swapped;
  }
  return Float64Array.from(ranks, (rank, i) => members[i]?.popularity ?? (rank + 1) ** -POPULARITY_EXPONENT);
}

/** A Pareto distribution: one in eight never writes, most write little, a few write all the time. */
function pickActivity(rng: Rng): number {
  if (rng.chance(0.12)) return 0;
  return Math.min(60, (1 - rng.float()) ** (-1 / 1.5)) / 3;
}

function pickVoice(rng: Rng): Voice {
  const x = rng.float();
  if (x < 0.09) return VOICE.lowerCase;
  if (x < 0.17) return VOICE.excited;
  if (x < 0.34) return VOICE.unpunctuated;
  return x < 0.48 ? VOICE.emoji : VOICE.plain;
}

function writeBio(rng: Rng, interests: Uint8Array, position: number): string | null {
  if (rng.chance(NO_BIO_CHANCE)) return null;
  const topicA = TOPICS[at(interests, position * INTERESTS_PER_PERSON)];
  const topicB = TOPICS[at(interests, position * INTERESTS_PER_PERSON + 1)];
  if (topicA === undefined || topicB === undefined) return null;
  const a = fill(rng.pick(topicA.bios), { rng, words: topicA.words, values: {} });
  const b = fill(rng.pick(topicB.bios), { rng, words: topicB.words, values: {} });
  return fill(a === b ? '{a}' : rng.pick(BIOS), { rng, words: {}, values: { a, b } });
}

interface Name {
  given: string;
  family: string;
  display: string;
}

function nameEverybody(
  members: readonly ({ handle: string; name: string } | undefined)[],
  rng: Rng,
): { names: string[]; handles: string[] } {
  const groups = NAME_GROUPS.flatMap((group) => Array<NameGroup>(group.weight).fill(group));
  const taken = new Set(members.flatMap((member) => (member === undefined ? [] : [member.handle])));
  const bearers = new Map<string, number>();
  const names: string[] = [];
  const handles: string[] = [];
  for (const member of members) {
    if (member !== undefined) {
      names.push(member.name);
      handles.push(member.handle);
      continue;
    }
    let name = pickName(rng, groups);
    // In a small world hardly anybody shares a name, or even a given name, with somebody else.
    for (let attempt = 0; attempt < 4 && (bearers.get(name.given) ?? 0) * 400 > names.length; attempt++) {
      name = pickName(rng, groups);
    }
    bearers.set(name.given, (bearers.get(name.given) ?? 0) + 1);
    names.push(name.display);
    handles.push(pickHandle(rng, name, taken));
  }
  return { names, handles };
}

function pickName(rng: Rng, groups: readonly NameGroup[]): Name {
  const group = rng.pick(groups);
  const familyGroup = group.weight > 1 && rng.chance(0.09) ? rng.pick(groups.filter((g) => g.weight > 1)) : group;
  const [given = '', givenLatin = given] = rng.pick(group.given).split('=');
  const [family = '', familyLatin = family] = rng.pick(familyGroup.family).split('=');
  const display = group.familyFirst ? `${family} ${given}` : `${given} ${family}`;
  return { given: ascii(givenLatin), family: ascii(familyLatin), display };
}

function pickHandle(rng: Rng, { given, family }: Name, taken: Set<string>): string {
  const ideas = [
    () => given,
    () => given + family,
    () => `${given}_${family}`,
    () => given.charAt(0) + family,
    () => given + family.charAt(0),
    () => `${given}_${rng.pick(HANDLE_ENDS)}`,
    () => `${family}_${given}`,
    () => `${given}_${family.charAt(0)}`,
    () => `${given}${rng.between(61, 99)}`,
  ];
  for (let attempt = 0; attempt < 6; attempt++) {
    const handle = rng.pick(ideas)().slice(0, HANDLE_MAX_LENGTH);
    if (handle.length >= 3 && claim(handle, taken)) return handle;
  }
  for (let digits = 100; ; digits *= 10) {
    const suffix = String(rng.below(digits * 9) + digits);
    const handle = `${`${given}_${family}`.slice(0, HANDLE_MAX_LENGTH - suffix.length)}${suffix}`;
    if (claim(handle, taken)) return handle;
  }
}

function claim(handle: string, taken: Set<string>): boolean {
  if (taken.has(handle)) return false;
  taken.add(handle);
  return true;
}

const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ø: 'o',
  æ: 'ae',
  å: 'aa',
  ö: 'oe',
  ä: 'ae',
  ü: 'ue',
  ß: 'ss',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
  œ: 'oe',
};

/** A name in the letters a handle may have. */
function ascii(name: string): string {
  return name
    .toLowerCase()
    .replace(/./gu, (letter) => PLAIN_LETTERS[letter] ?? letter)
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '');
}
