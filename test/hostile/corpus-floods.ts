import type { Family, Hostile } from './corpus';

/** Documents that are too much of one thing. */

const TOO_COMPLEX = 'DOCUMENT_TOO_COMPLEX';
const INVALID = 'GRAPHQL_VALIDATION_FAILED';
const UNPARSABLE = 'GRAPHQL_PARSE_FAILED';
const TOKENS = /has more than 4000 tokens/;

const ALIASES: readonly Hostile[] = [31, 32, 50, 100, 150, 250].flatMap((count) =>
  [
    ['of a leaf at the root', `{ ${times(count, (i) => `a${i}: __typename`)} }`],
    ['of a leaf', `{ viewer { user { ${times(count, (i) => `a${i}: name`)} } } }`],
    ['of a list', `{ viewer { user { ${times(count, (i) => `a${i}: posts { pageInfo { hasNextPage } }`)} } } }`],
    ['in an inline fragment', `{ ... on Query { ${times(count, (i) => `a${i}: __typename`)} } }`],
    ['in a fragment', `{ ...F } fragment F on Query { ${times(count, (i) => `a${i}: __typename`)} }`],
    [
      'of a mutation',
      `mutation { ${times(count, (i) => `a${i}: signIn(input: { login: "a", password: "b" }) { replayed }`)} }`,
    ],
    ['that are no aliases, but repeats', `{ viewer { ${'id '.repeat(count + 1)} } }`],
  ].map(([name, query]) => ({
    name: `${count} aliases ${name}`,
    payload: { query },
    code: TOO_COMPLEX,
    says: /aliases and repeated fields|fields, fragments expanded|tokens/,
  })),
);

const SMALL_ALIASES: readonly Hostile[] = [31, 40, 60].map((count) => ({
  name: `${count} aliases`,
  payload: { query: `{ viewer { ${times(count, (i) => `a${i}: id`)} } }` },
  code: TOO_COMPLEX,
  says: /has \d+ aliases and repeated fields; at most 30/,
}));

const ALIAS_BOMBS: readonly Hostile[] = [2_000, 5_000, 10_000, 20_000].flatMap((count) => [
  tooComplex(`${count} aliases`, `{ ${times(count, (i) => `a${i}: __typename`)} }`, TOKENS),
  tooComplex(`${count} aliases of objects`, `{ ${times(count, (i) => `a${i}: viewer { id }`)} }`, TOKENS),
]);

const ROOT_FIELDS: readonly Hostile[] = [21, 23, 25, 28, 30].flatMap((count) => [
  tooComplex(`${count} root fields`, `{ ${times(count, (i) => `a${i}: __typename`)} }`, /fields at the root/),
  tooComplex(`${count} root fields, repeated`, `{ ${'__typename '.repeat(count)} }`, /fields at the root/),
  tooComplex(
    `${count} root fields in fragments`,
    `{ ${times(count, (i) => `...F${i}`)} } ${times(count, (i) => `fragment F${i} on Query { viewer { id } }`)}`,
    /fields at the root/,
  ),
  tooComplex(
    `${count} attempts to sign in`,
    `mutation { ${times(count, (i) => `a${i}: signIn(input: { login: "a", password: "${i}" }) { replayed }`)} }`,
    /fields at the root/,
  ),
]);

const FIELDS: readonly Hostile[] = [501, 700, 1_000, 1_300].flatMap((count) => [
  tooComplex(`${count} fields`, `{ ${'__typename '.repeat(count)} }`, /fields, fragments expanded/),
  tooComplex(`${count} fields of nothing`, `{ ${times(count, (i) => `f${i}`)} }`, /fields, fragments expanded/),
  tooComplex(`${count} aliased fields`, `{ ${times(count, (i) => `a${i}: id`)} }`, /fields, fragments expanded/),
]);

const FRAGMENTS: readonly Hostile[] = [
  ...[61, 100, 300].flatMap((count) => [
    tooComplex(`${count} fragments`, `{ viewer { id } } ${fragments(count)}`, /fragments; at most 60/),
    tooComplex(
      `${count} type definitions`,
      `{ viewer { id } } ${times(count, (i) => `scalar S${i}`)}`,
      /fragments; at/,
    ),
  ]),
  ...[8, 10, 15, 20, 30, 45, 58].flatMap((levels) => [
    tooComplex(
      `2^${levels} fields by nested fragments`,
      `{ ...F0 } ${nested(levels, 2)}`,
      /fields, fragments expanded/,
    ),
    tooComplex(`2^${levels} fields that nobody spreads`, `{ viewer { id } } ${nested(levels, 2)}`, /fields, fragm/),
    tooComplex(
      `8^${levels} fields by nested fragments`,
      `{ ...F0 } ${nested(levels, 8)}`,
      /fields, fragments expanded/,
    ),
  ]),
  ...[1, 2, 3, 4].flatMap((length) => [
    invalid(`a circle of ${length} fragments`, `{ ...F0 } ${circle(length)}`),
    invalid(`a circle of ${length} fragments that nobody spreads`, `{ viewer { id } } ${circle(length)}`),
    invalid(`a circle of ${length} fragments through fields`, `{ viewer { user { ...F0 } } } ${circleOfUsers(length)}`),
  ]),
  ...[1, 5, 20, 59].flatMap((count) => [
    invalid(`${count} unused fragments`, `{ viewer { id } } ${fragments(count)}`),
    invalid(`${count} spreads of nothing`, `{ ${times(count, (i) => `...Missing${i}`)} }`),
    invalid(`${count} fragments of one name`, `{ ...F } ${'fragment F on Query { viewer { id } } '.repeat(count + 1)}`),
  ]),
  ...[2, 5, 7].flatMap((count) => [
    invalid(
      `${count} fragments that overlap`,
      `{ ${times(count, (i) => `...F${i}`)} } ${times(count, (i) => `fragment F${i} on Query { x: ${i % 2 ? 'viewer { id }' : `node(id: "${i}") { id }`} }`)}`,
    ),
    invalid(
      `${count} levels of overlap`,
      `{ ${'x: viewer { x: user { '.repeat(2)} id ${'} }'.repeat(2)} ${times(count, (i) => `x: viewer { x: user { y: ${i % 2 ? 'id' : 'name'} } }`)} }`,
    ),
  ]),
];

const DIRECTIVES: readonly Hostile[] = [
  ...[51, 100, 300, 700].flatMap((count) =>
    ['skip(if: false)', 'include(if: true)', 'unknown'].flatMap((directive) => [
      tooComplex(
        `${count} @${directive} on one field`,
        `{ viewer ${`@${directive} `.repeat(Math.min(count, 600))}{ id } }`,
        /directives|tok/,
      ),
    ]),
  ),
  ...[51, 200].flatMap((count) => [
    tooComplex(
      `${count} directives on an operation`,
      `query Q ${'@unknown '.repeat(count)}{ viewer { id } }`,
      /directives/,
    ),
    tooComplex(
      `${count} directives on a fragment`,
      `{ ...F } fragment F on Query ${'@a '.repeat(count)}{ viewer { id } }`,
      /directives/,
    ),
    tooComplex(
      `${count} directives on a spread`,
      `{ ...F ${'@a '.repeat(count)} } fragment F on Query { viewer { id } }`,
      /directives/,
    ),
    tooComplex(
      `${count} directives on a variable`,
      `query ($a: ID! ${'@a '.repeat(count)}) { node(id: $a) { id } }`,
      /directives/,
    ),
    tooComplex(
      `${count} directives on inline fragments`,
      `{ ${'... @include(if: true) { viewer { id } } '.repeat(count)} }`,
      /directives/,
    ),
  ]),
  ...[2, 10, 50].flatMap((count) => [
    invalid(`${count} unknown directives`, `{ viewer { id ${times(count, (i) => `@d${i}`)} } }`),
    invalid(`${count} @skip on one field`, `{ viewer { id ${'@skip(if: false) '.repeat(count)} } }`),
  ]),
  invalid('@skip without a condition', '{ viewer @skip { id } }'),
  invalid('@include on an operation', 'query Q @include(if: true) { viewer { id } }'),
  invalid('@deprecated on a field', '{ viewer @deprecated { id } }'),
];

const DEPTH: readonly Hostile[] = [5, 8, 16, 32, 64, 130, 190].flatMap((rounds) => [
  tooComplex(
    `${rounds} rounds`,
    `{ viewer { user { ${around(rounds, 'posts { nodes { author {', 'id', '} } }')} } } }`,
    /levels of/,
  ),
  tooComplex(
    `${rounds} rounds in a fragment`,
    `{ viewer { user { ...F } } } fragment F on User { ${around(rounds, 'posts(first: 1) { nodes { author {', 'id', '} } }')} }`,
    /levels of/,
  ),
  tooComplex(`${4 * rounds} levels of nothing`, `{ ${around(4 * rounds + 1, 'a {', 'a', '}')} }`, /levels of/),
]);

const TOKEN_FLOODS: readonly Hostile[] = [
  ...[4_001, 10_000, 50_000].flatMap((count) => [
    tooComplex(`${count} names`, `{ ${'a '.repeat(count)} }`, TOKENS),
    tooComplex(`${count} arguments`, `{ node(${'a:1 '.repeat(count)}) { id } }`, TOKENS),
    tooComplex(`${count} elements`, `{ nodes(ids: [${'1 '.repeat(count)}]) { id } }`, TOKENS),
    tooComplex(`${count} fields of an object`, `{ node(id: { ${'a: 1 '.repeat(count)} }) { id } }`, TOKENS),
    tooComplex(`${count} variables`, `query (${times(count, (i) => `$v${i}: Int`)}) { viewer { id } }`, TOKENS),
    unparsable(`${count} spread dots`, '... '.repeat(count)),
    unparsable(`${count} closing braces`, `{ viewer { id } ${'}'.repeat(count)}`),
  ]),
  tooComplex(
    '3000 brackets, one in the other',
    `{ nodes(ids: ${around(3_000, '[', '1', ']')}) { id } }`,
    /far too deeply|tokens/,
  ),
  tooComplex('3000 braces, one in the other', `{ ${around(3_000, 'a {', 'a', '}')} }`, /far too deeply|tokens/),
];

const IGNORED: readonly Hostile[] = [1_000, 50_000, 250_000].flatMap((count) => [
  unparsable(`${count} comments`, '#\n'.repeat(count)),
  unparsable(`${count} commas`, ','.repeat(count)),
  unparsable(`${count} byte order marks`, '\ufeff'.repeat(count)),
  unparsable(`${count} spaces`, ' '.repeat(count)),
  unparsable(`${count} lines`, '\r\n'.repeat(count)),
  unparsable(`a comment of ${count}`, `#${'x'.repeat(count)}`),
  unparsable(`${count} comments and half a document`, `${'#\n'.repeat(count)} { viewer {`),
  invalid(`${count} commas and a wrong document`, `${','.repeat(count)} { viewr { id } }`),
]);

const OPERATIONS: readonly Hostile[] = [
  ...[11, 20, 100, 500].map((count) =>
    tooComplex(
      `${count} operations`,
      times(count, (i) => `query Q${i} { viewer { id } }`),
      /operations; at most 10/,
    ),
  ),
  invalid('two operations of one name', 'query Q { viewer { id } } query Q { viewer { id } }'),
  invalid('an anonymous operation beside another', '{ viewer { id } } query Q { viewer { id } }'),
  invalid(
    'a subscription to two things',
    'subscription { a: commentAdded(postId: "x") { cursor } b: commentAdded(postId: "x") { cursor } }',
  ),
  invalid('a type definition', 'type Query { a: Int }'),
];

export const FLOODS: readonly Family[] = [
  { family: 'aliases', members: [...SMALL_ALIASES, ...ALIASES] },
  { family: 'alias bombs', members: ALIAS_BOMBS },
  { family: 'root fields', members: ROOT_FIELDS },
  { family: 'fields', members: FIELDS },
  { family: 'fragments', members: FRAGMENTS },
  { family: 'directives', members: DIRECTIVES },
  { family: 'nesting', members: DEPTH },
  { family: 'tokens', members: TOKEN_FLOODS },
  { family: 'text that means nothing', members: IGNORED },
  { family: 'operations', members: OPERATIONS },
];

function tooComplex(name: string, query: string, says: RegExp): Hostile {
  return { name, payload: { query }, code: TOO_COMPLEX, says };
}

function invalid(name: string, query: string): Hostile {
  return { name, payload: { query }, code: INVALID };
}

function unparsable(name: string, query: string): Hostile {
  return { name, payload: { query }, code: UNPARSABLE };
}

function times(count: number, each: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => each(index)).join(' ');
}

function around(count: number, open: string, inside: string, close: string): string {
  return `${open} `.repeat(count) + inside + ` ${close}`.repeat(count);
}

function fragments(count: number): string {
  return times(count, (i) => `fragment F${i} on Query { viewer { id } }`);
}

/** Fragments each of which spreads the next one `width` times. */
function nested(levels: number, width: number): string {
  const level = (i: number) => `fragment F${i} on Query { ${`...F${i + 1} `.repeat(width)}}`;
  return `${times(levels, level)} fragment F${levels} on Query { viewer { id } __typename }`;
}

function circle(length: number): string {
  return times(length, (i) => `fragment F${i} on Query { viewer { id } ...F${(i + 1) % length} }`);
}

function circleOfUsers(length: number): string {
  const next = (i: number) => (i + 1) % length;
  return times(length, (i) => `fragment F${i} on User { posts { nodes { author { ...F${next(i)} } } } }`);
}
