import fc from 'fast-check';
import type { RawRequest } from './raw-client';

/** A request that is wrong as a whole, wherever in the API it goes. */
export interface BadRequest {
  readonly request: RawRequest;
  /** It may turn out to be a good one: a changed byte can fall into a name. */
  readonly mayPass: boolean;
}

const JSON_TYPE = { 'content-type': 'application/json' };
const GOOD = JSON.stringify({
  query: '{ node(id: "post_01h455vb4pex5vsknk084sn02q") { id } }',
  variables: { a: 'é😀' },
});
const DEEP = 30_000;

/** Bodies that are JSON, but no request. */
const WRONG_BODIES: readonly string[] = [
  '',
  ' ',
  'null',
  '5',
  '"{ __typename }"',
  '[]',
  '{}',
  `[${GOOD},${GOOD}]`,
  '{"query":null}',
  '{"query":5}',
  '{"query":""}',
  '{"query":"   "}',
  '{"query":["{ __typename }"]}',
  '{"query":{"a":"{ __typename }"}}',
  '{"query":"{ viewer { id } }","variables":[]}',
  '{"query":"{ viewer { id } }","variables":"{}"}',
  '{"query":"{ viewer { id } }","variables":5}',
  '{"query":"{ viewer { id } }","operationName":"Nobody"}',
  '{"query":"{ viewer { id } }","operationName":5}',
  '{"query":"query A { viewer { id } } query B { viewer { id } }"}',
  '{"query":"query A { viewer { id } } query A { viewer { id } }","operationName":"A"}',
  '{"query":"{ viewer { id } }","variables":{"a":"\\u0000"}}',
  '{"query":"{ viewer { id } }","variables":{"\\ud800":1}}',
  '{"query":"{ viewer { id } }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}},"query":""}',
  '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}',
  `{"query":"{ viewer { id } }","variables":{"v":${'['.repeat(DEEP)}"\\u0000"${']'.repeat(DEEP)}}}`,
  `{"query":"{ viewer { id } }","variables":{"v":${'{"a":'.repeat(DEEP / 2)}"\\ud800"${'}'.repeat(DEEP / 2)}}}`,
];

/** Documents that no request may bring. */
export const WRONG_DOCUMENTS: readonly string[] = [
  '{',
  '}',
  '{ viewer { id }',
  '{ viewer }',
  '{ viewer { id { id } } }',
  '{ nothing }',
  '{ viewer { nothing } }',
  'mutation { nothing }',
  'subscription { nothing }',
  'fragment A on Query { viewer { id } }',
  '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }',
  '{ ...Missing }',
  '{ viewer { id } @nothing }',
  '{ node(id: "x", id: "y") { id } }',
  '{ node(id: $missing) { id } }',
  'query ($a: Nothing) { node(id: $a) { id } }',
  'query ($a: Post!) { node(id: $a) { id } }',
  'query ($a: ID!, $a: ID!) { node(id: $a) { id } }',
  'query ($unused: ID) { viewer { id } }',
  '{ a: viewer { id } a: node(id: "x") { id } }',
  '{ node(id: "\\ud800") { id } }',
  '{ node(id: "\\u{110000}") { id } }',
  '{ node(id: "\\u0000") { id } }',
  '{ node(id: """\\ud800\n\0""") { id } }',
  '{ node(id: "unfinished) { id } }',
  '{ node(id: 1.) { id } }',
  '{ node(id: 99999999999999999999999999999999999999) { id } }',
  '{ __schema { nothing } }',
  'type Query { a: Int }',
  'mutation { createPost { clientMutationId } }',
  'mutation { createPost(input: null) { clientMutationId } }',
  'mutation { createPost(input: { text: "a", text: "b" }) { clientMutationId } }',
  'mutation { createPost(input: { text: PUBLIC, audience: "PUBLIC" }) { clientMutationId } }',
  'subscription { a: commentAdded(postId: "x") { cursor } b: commentAdded(postId: "x") { cursor } }',
  'subscription { __typename }',
  `{ ${'viewer { user { posts { nodes { author { '.repeat(80)}id${' } } } } }'.repeat(80)} `,
  `{ ${'viewer { user { posts { nodes { author { '.repeat(150)}id${' } } } } }'.repeat(150)} }`,
  `{ node(id: ${'['.repeat(900)}1${']'.repeat(900)}) { id } }`,
  `{ ${Array.from({ length: 900 }, (_, i) => `a${i}: nothing`).join(' ')} }`,
  `{ ${'viewer { id } '.repeat(10_000)} }`,
  `${Array.from({ length: 60 }, (_, i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`).join(' ')} { ...F0 }`,
  '\ufeff\0{ viewer { id } }',
  '# nothing but a comment',
];

const TYPES = [
  'text/plain',
  'text/html',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/xml',
  'application/graphql',
  'application/octet-stream',
  'nonsense',
  'application/json/x',
  ';;;',
];

const AUTHORIZATIONS = [
  'Bearer',
  'Bearer ',
  'Bearer x',
  'Bearer a.b.c',
  'Basic dXNlcjpwYXNzd29yZA==',
  'Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJ1c2VyXzAxaDQ1NXZiNHBleDV2c2tuazA4NHNuMDJxIn0.',
  `Bearer ${'a'.repeat(8_000)}`,
  'null',
];

const TOKEN_BODIES = [
  '',
  'grant_type=refresh_token',
  'grant_type=password&username=a&password=b',
  'grant_type=refresh_token&refresh_token=',
  'grant_type=refresh_token&refresh_token=%00',
  'grant_type=refresh_token&refresh_token=a&refresh_token=b',
  `grant_type=refresh_token&refresh_token=${'a'.repeat(43)}`,
  `grant_type=refresh_token&refresh_token=${'%F0%9F%98%80'.repeat(43)}`,
  'grant_type=authorization_code&client_id=demo',
  'grant_type=authorization_code&client_id=demo&code=%00&redirect_uri=%00&code_verifier=%00',
  `grant_type=authorization_code&client_id=demo&code=a&redirect_uri=b&code_verifier=${'c'.repeat(43)}`,
  'client_id=%00&client_secret=%00',
  '%ff%fe=%ed%a0%80',
];

/** Requests that no resolver may see, as far as HTTP and GraphQL's own grammar go. */
export function badRequests(): fc.Arbitrary<BadRequest> {
  const post = (body: string | Buffer) => ({ headers: JSON_TYPE, body });
  return fc.oneof(
    fc.constantFrom(...WRONG_BODIES).map((body) => wrong(post(body))),
    fc.constantFrom(...WRONG_DOCUMENTS).map((query) => wrong(post(JSON.stringify({ query })))),
    fc.nat(GOOD.length - 1).map((length) => wrong(post(GOOD.slice(0, length)))),
    fc
      .tuple(fc.nat(), fc.integer({ min: 1, max: 255 }))
      .map(([at, flip]) => ({ request: post(flipped(at, flip)), mayPass: true })),
    fc.uint8Array({ maxLength: 200 }).map((bytes) => ({ request: post(Buffer.from(bytes)), mayPass: false })),
    fc.constantFrom(...TYPES).map((type) => wrong({ headers: { 'content-type': type }, body: GOOD })),
    fc.constant(wrong({ body: GOOD })),
    fc
      .constantFrom(...AUTHORIZATIONS)
      .map((authorization) => wrong({ headers: { ...JSON_TYPE, authorization }, body: GOOD })),
    fc.constantFrom('PUT', 'DELETE', 'PATCH').map((method) => wrong({ ...post(GOOD), method })),
    fc
      .constantFrom('', '?query=', '?query={', '?query=%ff', '?query={viewer{id}}&variables=x', '?query=mutation{a}')
      .map(byGet),
    fc.constant(wrong({ method: 'GET', path: '/graphql?query={viewer{id}}' })),
    fc
      .constantFrom('/graphql/nothing', '/%2e%2e/etc/passwd', '/graphql%00', '/nothing')
      .map((path) => wrong({ ...post(GOOD), path })),
  );
}

/** Requests for tokens, and about tokens, that must be refused (RFC 6749 §5.2). */
export function badTokenRequests(): fc.Arbitrary<BadRequest> {
  const type = fc.constantFrom('application/x-www-form-urlencoded', 'application/json', 'text/plain');
  const path = fc.constantFrom('/oauth/token', '/oauth/revoke', '/oauth/introspect');
  const body = fc.oneof(fc.constantFrom(...TOKEN_BODIES), fc.string({ unit: 'binary', maxLength: 60 }));
  return fc
    .tuple(path, type, body)
    .map(([to, contentType, sent]) => wrong({ path: to, headers: { 'content-type': contentType }, body: sent }));
}

/** Messages on a socket that are no operation. */
export function badMessages(): fc.Arbitrary<string | Buffer> {
  const wrongOnes = [
    '',
    '{',
    'null',
    '[]',
    '{}',
    '{"type":"nothing"}',
    '{"type":"subscribe"}',
    '{"type":"subscribe","id":5,"payload":{"query":"{ viewer { id } }"}}',
    '{"type":"subscribe","id":"1"}',
    '{"type":"subscribe","id":"1","payload":null}',
    '{"type":"subscribe","id":"1","payload":[]}',
    '{"type":"connection_init"}',
  ];
  const payloads = [...WRONG_BODIES, ...WRONG_DOCUMENTS.map((query) => JSON.stringify({ query }))].filter((body) =>
    body.startsWith('{'),
  );
  return fc.oneof(
    fc.constantFrom(...wrongOnes),
    fc.constantFrom(...payloads).map((payload) => `{"type":"subscribe","id":"1","payload":${payload}}`),
    fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  );
}

function byGet(query: string): BadRequest {
  return wrong({ method: 'GET', path: `/graphql${query}`, headers: { 'apollo-require-preflight': '1' } });
}

function flipped(at: number, flip: number): Buffer {
  const bytes = Buffer.from(GOOD);
  bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ flip;
  return bytes;
}

function wrong(request: RawRequest): BadRequest {
  return { request, mayPass: false };
}
