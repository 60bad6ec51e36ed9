import fc from 'fast-check';
import { type GraphQLInputType, getNamedType, isEnumType, isInputObjectType, isListType, isNonNullType } from 'graphql';
import { TypeID } from 'typeid-js';
import { MAY_ACCEPT } from './accepted-texts';
import type { Place } from './bad-input';
import { listValue, OMITTED, plainValue, textValue, type Value } from './sent-value';

/**
 * What must become of a value: `untyped` is refused before anything runs, `unruly` by the field that it is given to;
 * `either` may be refused or accepted.
 */
export type Verdict = 'untyped' | 'unruly' | 'either';

export interface BadValue {
  readonly value: Value;
  readonly verdict: Verdict;
}

/** What makes a value bad without its looking bad. */
export interface ForeignThings {
  /** Ids of nodes that exist, of every kind, and may be shown to whoever asks. */
  readonly visibleIds: readonly string[];
  /** Ids of nodes that exist and are hidden from everybody who asks here, or deleted. */
  readonly hiddenIds: readonly string[];
  /** Cursors that belong to lists which no request here asks for. */
  readonly cursors: readonly string[];
}

/** Ids of any kind are taken here. */
const ANY_KIND = ['Query.node(id:)', 'Query.nodes(ids:)', 'DeleteNodeInput.id'];
const NEW_ID_PREFIX: Readonly<Record<string, string>> = {
  'CreatePostInput.id': 'post',
  'AddCommentInput.id': 'comment',
  'StartConversationInput.id': 'conversation',
  'SendMessageInput.id': 'message',
};

const bad = (value: Value, verdict: Verdict): BadValue => ({ value, verdict });

const NUMBERS = '0 -1 1 2 101 2147483647 2147483648 -2147483649 9007199254740993 1.5 1e3 1e400 -1e400 0.0 1E-9'.split(
  ' ',
);
const SHAPES = [
  plainValue('[]'),
  plainValue('{}'),
  plainValue('[null]'),
  plainValue('[[["x"]]]'),
  { json: '{"a":{"b":[1]}}', literal: '{a:{b:[1]}}' },
  { json: '{"__proto__":{"toString":1},"constructor":null}', literal: '{__proto__:{toString:1},constructor:null}' },
  { json: '{"a":1,"a":2}', literal: '{a:1,a:2}' },
  { json: `${'['.repeat(300)}${']'.repeat(300)}`, literal: `${'['.repeat(300)}${']'.repeat(300)}` },
];
const BROKEN_TEXTS = ['\0', 'a\0b', '\ud800', 'x\udc00', '\udfff\ud800', 'ok\ud83d'];
const ODD_TEXTS = [
  '',
  ' ',
  '\u3000\t\n',
  'NaN',
  'null',
  '-1',
  '\u202eevil',
  'a\u2066b',
  '\u200b',
  '\ufeff',
  '\u0007bell',
  '\u0085',
  '\u2028line\u2029',
  "' OR 1=1 --",
  '"; --',
  '\\',
  '\\u0000',
  '%s%n',
  '{}',
  '__proto__',
  'constructor',
  '{{7*7}}',
  'é'.normalize('NFD'),
  '👩‍👩‍👧‍👦',
  '\u{10ffff}',
];
const LENGTHS = [
  2, 3, 8, 30, 31, 60, 61, 64, 65, 128, 129, 254, 255, 300, 301, 512, 513, 2_000, 2_001, 5_000, 5_001, 20_000,
];

const brokenText = fc.constantFrom(...BROKEN_TEXTS);
const oddText = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...ODD_TEXTS) },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 40 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 80 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('a', 'Z_9', 'é', '😀', ' ', 'x@y.z'), fc.constantFrom(...LENGTHS))
      .map(([unit, length]) => unit.repeat(length).slice(0, length)),
  },
);

/** Values that do not belong in a place, with what must become of them. */
export function badValues(place: Place, things: ForeignThings): fc.Arbitrary<BadValue> {
  return valuesOfType(place.type, place, things);
}

function valuesOfType(type: GraphQLInputType, place: Place, things: ForeignThings): fc.Arbitrary<BadValue> {
  const required = isNonNullType(type);
  const inner = isNonNullType(type) ? type.ofType : type;
  const nothing = fc
    .constantFrom(plainValue('null'), OMITTED)
    .map((value) => bad(value, required ? 'untyped' : 'either'));
  const more = isListType(inner) ? lists(inner.ofType, place, things) : named(inner, place, things);
  return fc.oneof({ weight: 1, arbitrary: nothing }, { weight: 12, arbitrary: more });
}

function lists(item: GraphQLInputType, place: Place, things: ForeignThings): fc.Arbitrary<BadValue> {
  const usual = place.usual ?? listValue([]);
  const inside = textValue(things.visibleIds[0] ?? '');
  return fc.oneof(
    // GraphQL takes one element for a list of one, so it is judged as one.
    valuesOfType(item, place, things)
      .filter(({ value }) => value !== OMITTED && !['[]', 'null'].includes(value.json))
      .map(({ value, verdict }) => bad(value, verdict)),
    valuesOfType(item, place, things)
      .filter(({ value }) => value !== OMITTED)
      .map(({ value, verdict }) => bad(listValue([inside, value, inside]), verdict)),
    fc.constantFrom(101, 1_000).map((count) => bad(listValue(Array(count).fill(inside)), 'unruly')),
    fc.constant(bad(listValue([usual]), 'untyped')),
  );
}

function named(type: GraphQLInputType, place: Place, things: ForeignThings): fc.Arbitrary<BadValue> {
  const { name } = getNamedType(type);
  if (isInputObjectType(type)) {
    const odd = { json: '{"nothingOfThatName":1}', literal: '{nothingOfThatName:1}' };
    return fc.oneof(
      numbers('untyped'),
      texts(oddText, 'untyped'),
      fc.constantFrom(odd, ...SHAPES).map((v) => bad(v, 'either')),
    );
  }
  if (isEnumType(type)) {
    const none = fc.constantFrom('public', 'Public', 'NOBODY', 'OLDEST ', '');
    return fc.oneof(numbers('untyped'), shapes(), booleans(), texts(fc.oneof(none, brokenText), 'untyped'));
  }
  if (name === 'Boolean')
    return fc.oneof(numbers('untyped'), shapes(), texts(fc.oneof(oddText, brokenText), 'untyped'));
  if (name === 'Int') return fc.oneof(integers(place), shapes(), booleans(), texts(oddText, 'untyped'));
  if (name === 'ID')
    return fc.oneof({ weight: 1, arbitrary: kinds('either') }, { weight: 3, arbitrary: ids(place, things) });
  // A cursor of another log is answered by a reset: data, and no refusal.
  const forged = name === 'Cursor' ? 'either' : 'unruly';
  const strings = /^(after|before)$/.test(place.name) ? cursors(things, forged) : judgedTexts(place);
  return fc.oneof({ weight: 1, arbitrary: kinds('untyped') }, { weight: 3, arbitrary: strings });
}

function kinds(ofNumbers: Verdict): fc.Arbitrary<BadValue> {
  return fc.oneof(numbers(ofNumbers), shapes(), booleans(), texts(brokenText, 'untyped'));
}

function shapes(): fc.Arbitrary<BadValue> {
  return fc.constantFrom(...SHAPES).map((value) => bad(value, 'untyped'));
}

function booleans(): fc.Arbitrary<BadValue> {
  return fc.constantFrom('true', 'false').map((text) => bad(plainValue(text), 'untyped'));
}

function numbers(verdict: Verdict): fc.Arbitrary<BadValue> {
  return fc.constantFrom(...NUMBERS).map((text) => bad(plainValue(text), verdict));
}

function integers({ name }: Place): fc.Arbitrary<BadValue> {
  return fc.constantFrom(...NUMBERS).map((text) => {
    const number = Number(text);
    if (!Number.isInteger(number) || number < -(2 ** 31) || number >= 2 ** 31) return bad(plainValue(text), 'untyped');
    return bad(plainValue(text), /^(first|last)$/.test(name) && (number < 1 || number > 100) ? 'unruly' : 'either');
  });
}

function texts(arbitrary: fc.Arbitrary<string>, verdict: Verdict): fc.Arbitrary<BadValue> {
  return arbitrary.map((text) => bad(textValue(text), isWellFormed(text) ? verdict : 'untyped'));
}

function judgedTexts({ name, coordinate }: Place): fc.Arbitrary<BadValue> {
  const mayAccept = MAY_ACCEPT[coordinate] ?? MAY_ACCEPT[name];
  if (!mayAccept) throw new Error(`tell MAY_ACCEPT which texts ${coordinate} may accept`);
  return oddText.map((text) => {
    if (!isWellFormed(text)) return bad(textValue(text), 'untyped');
    return bad(textValue(text), mayAccept(text) ? 'either' : 'unruly');
  });
}

function ids(place: Place, { visibleIds, hiddenIds }: ForeignThings): fc.Arbitrary<BadValue> {
  const { coordinate, operation } = place;
  const fresh = NEW_ID_PREFIX[coordinate];
  const prefix = fresh ?? /([a-z]+)_\w{26}/.exec(place.usual?.json ?? '')?.[1] ?? 'post';
  const judge = (id: string, ifRightKind: Verdict) => {
    const rightKind = ANY_KIND.includes(coordinate) || id.startsWith(`${prefix}_`);
    return bad(textValue(id), rightKind ? ifRightKind : 'unruly');
  };
  // A mutation says that there is no such thing; a query answers null, and typing is looked into by who would show it.
  const isQuiet = operation === 'query' || coordinate === 'SetTypingInput.conversationId';
  const unknown: Verdict = isQuiet ? 'either' : 'unruly';
  const nobodys = fc
    .uuid({ version: 7 })
    .map((uuid) => judge(TypeID.fromUUID(prefix, uuid).toString(), fresh ? 'either' : unknown));
  return fc.oneof(
    fc.constantFrom(...visibleIds).map((id) => judge(id, fresh ? 'unruly' : 'either')),
    fc.constantFrom(...hiddenIds).map((id) => judge(id, unknown)),
    nobodys,
    fc
      .constantFrom(...malformedIds(prefix, visibleIds[0] ?? ''))
      .map((id) => bad(textValue(id), isWellFormed(id) ? 'unruly' : 'untyped')),
    judgedTexts({ ...place, coordinate: 'id', name: 'id' }),
  );
}

function malformedIds(prefix: string, real: string): string[] {
  const suffix = real.slice(real.indexOf('_') + 1);
  const versions = [1, 2, 3, 4, 5, 6, 8, 0, 15].map(
    (version) => `0190a5d0-7c00-${version.toString(16)}000-8000-000000000000`,
  );
  const odd = [
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '0190a5d0-7c00-7000-0000-000000000000',
  ];
  return [
    ...[...versions, ...odd].map((uuid) => TypeID.fromUUID(prefix, uuid).toString()),
    `${prefix}_`,
    `_${suffix}`,
    suffix,
    `${prefix}__${suffix}`,
    `${prefix}_${suffix.toUpperCase()}`,
    `${prefix.toUpperCase()}_${suffix}`,
    `${prefix}_${suffix} `,
    ` ${prefix}_${suffix}`,
    `${prefix}_${suffix}0`,
    `${prefix}_${suffix.slice(1)}`,
    `${prefix}_8${'z'.repeat(25)}`,
    `${prefix}_${'l'.repeat(26)}`,
    `${'p'.repeat(63)}_${suffix}`,
    `nothing_${suffix}`,
    `${prefix}_${suffix}\0`,
    '0190a5d0-7c00-7000-8000-000000000000',
    `${prefix}-${suffix}`,
  ];
}

function cursors({ cursors: real }: ForeignThings, verdict: Verdict): fc.Arbitrary<BadValue> {
  const forged = fc.tuple(fc.constantFrom(...real), fc.nat()).chain(([cursor, at]) => {
    const bytes = Buffer.from(cursor, 'base64url');
    const flipped = Buffer.from(bytes);
    flipped[at % flipped.length] = (flipped[at % flipped.length] ?? 0) ^ (1 << (at % 8));
    const position = Buffer.from('["2026-01-01T00:00:00.000Z","0190a5d0-7c00-7000-8000-000000000000"]');
    return fc.constantFrom(
      cursor,
      flipped.toString('base64url'),
      cursor.slice(0, at % cursor.length),
      `${cursor}=`,
      `${cursor} `,
      `${cursor}A`,
      bytes.toString('base64'),
      Buffer.concat([bytes.subarray(0, 12), position]).toString('base64url'),
      position.toString('base64url'),
      'A'.repeat(513),
    );
  });
  return fc.oneof(forged, oddText).map((text) => bad(textValue(text), isWellFormed(text) ? verdict : 'untyped'));
}

/** PostgreSQL stores no NUL and no half of a surrogate pair. */
function isWellFormed(text: string): boolean {
  return !/\0|\p{Cs}/u.test(text);
}
