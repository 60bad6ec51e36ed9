import { createHash } from 'node:crypto';
import type { Family, Hostile, Payload } from './corpus';

/** Requests that are wrong in form, and documents that ask for what they should not know. */
const INVALID = 'GRAPHQL_VALIDATION_FAILED';
const UNPARSABLE = 'GRAPHQL_PARSE_FAILED';
const BAD_INPUT = 'BAD_USER_INPUT';
const BAD_REQUEST = 'BAD_REQUEST';
const UNRESOLVED = 'OPERATION_RESOLUTION_FAILURE';
const GOOD = '{ viewer { id } }';
const PAGE = 'query Q($n: Int) { viewer { user { posts(first: $n) { nodes { id } } } } }';
const ORDER = 'query Q($o: CommentOrder) { post(id: "x") { comments(order: $o) { nodes { id } } } }';
const SIGN_IN = 'mutation M($i: SignInInput!) { signIn(input: $i) { replayed } }';
const BY_ID = 'query Q($id: ID!) { node(id: $id) { id } }';
const BY_IDS = 'query Q($ids: [ID!]!) { nodes(ids: $ids) { id } }';
const TYPE_DEPTHS = [1, 3, 5, 6];
const INTROSPECTION: readonly Hostile[] = [
  '{ __schema { queryType { name } } }',
  '{ __schema { types { name fields { name type { name } } } } }',
  'query IntrospectionQuery { __schema { directives { name args { name } } mutationType { name } } }',
  '{ __type(name: "User") { name } }',
  '{ __type(name: "User") { fields { name args { name type { name } } } } }',
  '{ a: __schema { queryType { name } } }',
  '{ a: __type(name: "User") { name } b: __type(name: "Post") { name } }',
  '{ ... on Query { __schema { queryType { name } } } }',
  '{ ...F } fragment F on Query { __schema { queryType { name } } }',
  '{ viewer { id } __schema { __typename } }',
  '{ __schema @include(if: true) { queryType { name } } }',
  'query Q($yes: Boolean = true) { __schema @skip(if: $yes) { queryType { name } } }',
  'mutation { __schema { queryType { name } } }',
  'mutation { createPost(input: { text: "x" }) { query { __schema { queryType { name } } } } }',
  'subscription { __schema { queryType { name } } }',
  '{ viewer { __schema { queryType { name } } } }',
  ...TYPE_DEPTHS.map((depth) => `{ __type(name: "User") { fields { type { ${ofType(depth)} } } } }`),
  ...TYPE_DEPTHS.map((depth) => `{ __schema { types { fields { type { ${ofType(depth)} } } } } }`),
].map((query) => ({ name: query, payload: { query }, code: INVALID }));

const NEAR_MISSES: readonly Hostile[] = [
  ...[
    '{ viewr { id } }',
    '{ nod(id: "x") { id } }',
    '{ userByHandel(handle: "x") { id } }',
    '{ user(idd: "x") { id } }',
    '{ viewer { usr { id } } }',
    '{ viewer { user { handl } } }',
    '{ viewer { user { emails } } }',
    '{ viewer { user { post { nodes { id } } } } }',
    '{ viewer { user { posts(fist: 1) { nodes { id } } } } }',
    '{ viewer { user { posts(first: 1) { node { id } } } } }',
    '{ viewer { feed(kind: FOLLOWNG) { nodes { id } } } }',
    '{ post(id: "x") { comments(order: NEWST) { nodes { id } } } }',
    '{ node(id: "x") { ... on Usr { id } } }',
    '{ node(id: "x") { handle } }',
    '{ node(id: "x") { ...F } } fragment F on Pst { id }',
    '{ ...Frag } fragment Fragm on Query { viewer { id } }',
    '{ viewer @skp(if: true) { id } }',
    '{ viewer @skip(iff: true) { id } }',
    'query Q($a: Strin) { viewer { id } }',
    'query Q($a: SignInInpt!) { viewer { id } }',
    'query Q($handle: String!) { userByHandle(handle: $handel) { id } }',
    'mutation { signin(input: {}) { replayed } }',
    'mutation { signIn(input: { logn: "a", password: "b" }) { replayed } }',
    'mutation { createPost(input: { text: "a", audienc: PUBLIC }) { replayed } }',
    'mutation { createPost(input: { text: "a", audience: PUBLI }) { replayed } }',
    'subscription { commentAded(postId: "x") { cursor } }',
  ].map((query) => invalid(query, query)),
  badInput('an enum value in a variable', ORDER, { o: 'NEWST' }),
  badInput('a field in a variable', SIGN_IN, { i: { login: 'a', pasword: 'b' } }),
  badInput('a field too many in a variable', SIGN_IN, { i: { login: 'a', password: 'b', passwrd: 'c' } }),
];

const LITERALS: readonly Hostile[] = [
  ...[1_000, 20_000].flatMap((length) => [
    invalid(`a number of ${length} digits`, posts('9'.repeat(length))),
    invalid(`a fraction of ${length} digits`, posts(`1.${'9'.repeat(length)}`)),
    invalid(`a string of ${length} for a number`, posts(`"${'x'.repeat(length)}"`)),
    invalid(`a block string of ${length} for a number`, posts(`"""${'x\n'.repeat(length / 2)}"""`)),
    invalid(`an enum value of ${length}`, posts('x'.repeat(length))),
    invalid(`a field name of ${length}`, `{ ${'x'.repeat(length)} }`),
    invalid(`an argument name of ${length}`, `{ node(id: "x", ${'x'.repeat(length)}: 1) { id } }`),
    invalid(`a directive name of ${length}`, `{ viewer @${'x'.repeat(length)} { id } }`),
    invalid(`a fragment name of ${length}`, `{ ...${'x'.repeat(length)} }`),
    invalid(`a type name of ${length}`, `query ($a: ${'X'.repeat(length)}) { node(id: $a) { id } }`),
    invalid(`a variable name of ${length}`, `query ($${'x'.repeat(length)}: Int) { viewer { id } }`),
    unparsable(`a name of ${length} where none may stand`, `{ viewer { id } } ${'x'.repeat(length)}`),
    unparsable(`a string of ${length} that does not end`, `{ node(id: "${'x'.repeat(length)}) { id } }`),
    unparsable(`a number of ${length} with a letter in it`, posts(`${'9'.repeat(length)}x`)),
  ]),
  invalid(
    'twenty wrong names of 200 letters',
    `{ ${Array.from({ length: 20 }, (_, i) => `f${i}${'x'.repeat(200)}`).join(' ')} }`,
  ),
  invalid('conflicts of many subfields', conflicts(28)),
  invalid('one argument 900 times', `{ node(${'id: "x" '.repeat(900)}) { id } }`),
  invalid(
    'one field of an object 900 times',
    `mutation { signIn(input: { ${'login: "x" '.repeat(900)} }) { replayed } }`,
  ),
  invalid('one variable 900 times', `query (${'$a: Int '.repeat(900)}) { viewer { id } }`),
  ...['2147483648', '-2147483649', '9007199254740993', '1e400', '-0.5', 'true', '[1]', '{ a: 1 }'].map((literal) =>
    invalid(`first: ${literal}`, posts(literal)),
  ),
  unparsable('first: null!', posts('null!')),
  invalid('a list in 900 lists', posts(`${'['.repeat(900)}1${']'.repeat(900)}`)),
  invalid('an object in 900 objects', posts(`${'{a:'.repeat(900)}1${'}'.repeat(900)}`)),
];

const VARIABLES: readonly Hostile[] = [
  ...[2_147_483_648, -2_147_483_649, 9_007_199_254_740_991, 1e300, 0.5, '1', true, [1], [], {}, { a: 1 }].map((n) =>
    badInput(`first: ${JSON.stringify(n)}`, PAGE, { n }),
  ),
  ...[1, true, null, ['NEWEST', 'OLDEST'], {}, 'newest', ''].flatMap((o) =>
    o === null ? [] : [badInput(`order: ${JSON.stringify(o)}`, ORDER, { o })],
  ),
  ...[null, 1, 'x', [], [{}], {}, { login: 1, password: 'b' }, { login: 'a', password: ['b', 'c'] }].map((i) =>
    badInput(`input: ${JSON.stringify(i)}`, SIGN_IN, { i }),
  ),
  ...[null, {}, [], true, 1.5, ['x', 'y']].map((id) => badInput(`id: ${JSON.stringify(id)}`, BY_ID, { id })),
  badInput('a missing variable', BY_ID, {}),
  badInput('no variables at all', BY_ID, undefined),
  ...[1_000, 10_000].flatMap((length) => [
    badInput(`a string of ${length} for a number`, PAGE, { n: 'x'.repeat(length) }),
    badInput(`${length} elements for a number`, PAGE, { n: new Array(length).fill(1) }),
    badInput(`${length} nulls for ids`, BY_IDS, { ids: new Array(length).fill(null) }),
    badInput(`${length} fields too many`, SIGN_IN, {
      i: Object.fromEntries(Array.from({ length }, (_, i) => [`f${i}`, 1])),
    }),
    badInput(`a field name of ${length}`, SIGN_IN, { i: { login: 'a', password: 'b', ['x'.repeat(length)]: 1 } }),
    badInput(`a NUL behind ${length} letters`, BY_ID, { id: `${'x'.repeat(length)}\0` }),
    badInput(`a NUL under a name of ${length}`, BY_ID, { id: 'x', ['y'.repeat(length)]: '\0' }),
    badInput(`nesting of ${length / 10} for an id`, BY_ID, { id: nestedArray(length / 10) }),
  ]),
  ...[3_001, 20_000].map((length) => ({
    name: `${length} ids`,
    payload: { query: BY_IDS, variables: { ids: new Array(length).fill('x') } },
    code: 'DOCUMENT_TOO_COMPLEX',
    says: /can cost/,
  })),
];

const BROKEN_TEXT: readonly Hostile[] = [
  badInput('a NUL', BY_ID, { id: '\0' }),
  badInput('half a surrogate pair', BY_ID, { id: '\ud800' }),
  badInput('the other half', BY_ID, { id: 'a\udc00b' }),
  badInput('a NUL in a name', BY_ID, { id: 'x', 'a\0': 1 }),
  badInput('a NUL in a list', BY_IDS, { ids: ['a', 'b', '\0'] }),
  badInput('a NUL in a variable that nobody declared', GOOD, { other: '\0' }),
  { name: 'an escaped NUL in the document', payload: { query: '{ node(id: "\\u0000") { id } }' }, code: BAD_INPUT },
  ...['{ node(id: "\\ud800") { id } }', '\0', '{ vi\0ewer { id } }', '{ viewer { id } } \ud800'].map((query) =>
    unparsable(JSON.stringify(query), query),
  ),
];

const TWO = 'query A { viewer { id } } query B { viewer { id } }';
const NAMES: readonly Hostile[] = [
  ...['Nobody', '__proto__', 'constructor', 'toString', 'x'.repeat(100_000), '"', '\n', '{}'].flatMap(
    (operationName) => [
      unresolved(`${operationName.slice(0, 20)} of one`, { query: 'query A { viewer { id } }', operationName }),
      unresolved(`${operationName.slice(0, 20)} of two`, { query: TWO, operationName }),
    ],
  ),
  unresolved('none of two', { query: TWO }),
  unresolved('none of two with names of 20000', {
    query: `query ${'A'.repeat(20_000)} { viewer { id } } query B { viewer { id } }`,
  }),
];

const HASH = 'a'.repeat(64);
const persisted = (persistedQuery: unknown, query: unknown = '') => ({ query, extensions: { persistedQuery } });
const PERSISTED: readonly Hostile[] = [
  ...[HASH, sha256('nothing'), HASH.toUpperCase()].map((sha256Hash) => ({
    name: `the unknown hash ${sha256Hash}`,
    payload: persisted({ version: 1, sha256Hash }),
    code: 'PERSISTED_QUERY_NOT_FOUND',
  })),
  ...[HASH, `sha256:${HASH}`, 'x', '__proto__', 'constructor', 'toString'].map((documentId) => ({
    name: `the unknown id ${documentId}`,
    payload: { query: '', documentId },
    code: 'DOCUMENT_NOT_REGISTERED',
  })),
  ...['', '../../etc/passwd', 'a b', 'x'.repeat(129), 'x'.repeat(10_000), '\0', 'sha256:', '%'].flatMap((documentId) =>
    documentId === ''
      ? []
      : [
          badRequest(`the id ${JSON.stringify(documentId).slice(0, 30)} of ${documentId.length}`, {
            query: '',
            documentId,
          }),
        ],
  ),
  ...[
    0,
    1,
    'x',
    true,
    [],
    {},
    { version: 1 },
    { version: 2, sha256Hash: HASH },
    { version: '1', sha256Hash: HASH },
  ].map((extension) => badRequest(`the extension ${JSON.stringify(extension)}`, persisted(extension))),
  ...['', 'x', 'z'.repeat(64), 'a'.repeat(63), 'a'.repeat(65), 'a'.repeat(50_000), 1, null, [HASH], {}].map(
    (sha256Hash) =>
      badRequest(
        `the hash ${JSON.stringify(sha256Hash).slice(0, 30)} of ${String(sha256Hash).length}`,
        persisted({ version: 1, sha256Hash }),
      ),
  ),
  badRequest('a hash of another document', persisted({ version: 1, sha256Hash: HASH }, GOOD)),
  badRequest('a hash of the document and a space', persisted({ version: 1, sha256Hash: sha256(`${GOOD} `) }, GOOD)),
  invalid(
    'a wrong document with its hash',
    '{ nothing }',
    persisted({ version: 1, sha256Hash: sha256('{ nothing }') }, '{ nothing }'),
  ),
];

const BATCHES: readonly Hostile[] = [0, 1, 2, 10, 1_000].map((count) => ({
  name: `${count} operations`,
  payload: new Array(count).fill({ query: GOOD }),
  code: BAD_REQUEST,
}));

const SHAPES: readonly Hostile[] = [
  ...[undefined, null, 5, true, [GOOD], { a: GOOD }, ''].map((query) =>
    badRequest(`query: ${JSON.stringify(query)}`, { query }),
  ),
  ...[[], [1], 'x', '{}', 5, true].map((variables) =>
    badRequest(`variables: ${JSON.stringify(variables)}`, { query: GOOD, variables }),
  ),
  ...[5, true, [], ['A'], {}].map((operationName) =>
    badRequest(`operationName: ${JSON.stringify(operationName)}`, {
      query: 'query A { viewer { id } }',
      operationName,
    }),
  ),
  ...[5, 'x', [], true].map((extensions) =>
    badRequest(`extensions: ${JSON.stringify(extensions)}`, { query: GOOD, extensions }),
  ),
  badRequest('documentId: 5', { documentId: 5 }),
];

export const FORMS: readonly Family[] = [
  { family: 'introspection', members: INTROSPECTION },
  { family: 'names nearly right', members: NEAR_MISSES },
  { family: 'literals', members: LITERALS },
  { family: 'variables', members: VARIABLES },
  { family: 'broken text', members: BROKEN_TEXT },
  { family: 'names of operations', members: NAMES },
  { family: 'persisted documents', members: PERSISTED },
  { family: 'batches', members: BATCHES, transports: ['http', 'sse'] },
  { family: 'shapes', members: SHAPES, transports: ['http', 'sse'] },
];

function invalid(name: string, query: string, payload: Payload = { query }): Hostile {
  return { name, payload, code: INVALID };
}

function unparsable(name: string, query: string): Hostile {
  return { name, payload: { query }, code: UNPARSABLE };
}

function badInput(name: string, query: string, variables: unknown): Hostile {
  return { name, payload: { query, variables }, code: BAD_INPUT };
}

function badRequest(name: string, payload: Payload): Hostile {
  return { name, payload, code: BAD_REQUEST };
}

function unresolved(name: string, payload: Payload): Hostile {
  return { name, payload, code: UNRESOLVED };
}

function posts(first: string): string {
  return `{ viewer { user { posts(first: ${first}) { nodes { id } } } } }`;
}

function ofType(depth: number): string {
  return `${'ofType { '.repeat(depth)}name${' }'.repeat(depth)}`;
}

/** Two fields of one name whose subfields conflict one by one: graphql-js names every one of them. */
function conflicts(count: number): string {
  const fields = (of: (i: number) => string) =>
    Array.from({ length: count / 2 }, (_, i) => `a${i}: ${of(i)}`).join(' ');
  return `{ viewer { user { ${fields(() => 'id')} } user { ${fields(() => 'name')} } } }`;
}

function nestedArray(depth: number): unknown {
  return JSON.parse(`${'['.repeat(depth)}1${']'.repeat(depth)}`);
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
