import type { Family, Hostile } from './corpus';

/** Documents that are short and would be answered at length. */

const TOO_COMPLEX = 'DOCUMENT_TOO_COMPLEX';
const COST = /can cost [\d.e+]+; at most/;

/** Where a person can be reached from the root. */
const ROOTS: readonly (readonly [string, string])[] = [
  ['a person by handle', 'userByHandle(handle: "ada") { % }'],
  ['a person by id', 'user(id: "user_01h455vb4pex5vsknk084sn02q") { % }'],
  ['the viewer', 'viewer { user { % } }'],
  ['a node', 'node(id: "user_01h455vb4pex5vsknk084sn02q") { ... on User { % } }'],
  ['an aliased person', 'a: userByHandle(handle: "ada") { ...{ ...{ % } } }'],
];

/** How the length of a page is said. */
const LENGTHS: readonly (readonly [string, string, string, object])[] = [
  ['by a literal', '', '(first: 100)', {}],
  ['by a variable', '($n: Int)', '(first: $n)', { n: 100 }],
  ['by the default of a variable', '($n: Int = 100)', '(first: $n)', {}],
  ['by a bound far beyond', '($n: Int)', '(first: $n)', { n: 2_147_483_647 }],
  ['by the default of the field', '', '', {}],
];

const DEEP: readonly Hostile[] = ROOTS.flatMap(([root, path]) =>
  LENGTHS.flatMap(([way, definitions, page, variables]) =>
    [3, 4, 5, 6].flatMap((levels) =>
      levels === 6 && root === 'the viewer'
        ? []
        : [
            {
              name: `${levels} lists below ${root}, their length ${way}`,
              payload: { query: `query D${definitions} { ${path.replace('%', lists(levels, page))} }`, variables },
              code: TOO_COMPLEX,
              says: COST,
            },
          ],
    ),
  ),
);

const WIDE: readonly Hostile[] = [
  ...[3, 10, 25].map((count) => ({
    name: `${count} aliases of two lists, one in the other`,
    payload: {
      query: `{ viewer { user { ${Array.from({ length: count }, (_, i) => `a${i}: posts(first: 60) { nodes { likedBy(first: 60) { nodes { id } } } }`).join(' ')} } } }`,
    },
    code: TOO_COMPLEX,
    says: COST,
  })),
  ...['edges { node {', 'nodes { ... on User {'].map((into) => ({
    name: `three lists by ${into}`,
    payload: {
      query: `{ viewer { user { followers(first: 100) { ${into} following(first: 100) { ${into} id${' }'.repeat(9)}`,
    },
    code: TOO_COMPLEX,
    says: COST,
  })),
  {
    name: 'both views of a list, at two levels',
    payload: {
      query:
        '{ viewer { user { followers(first: 50) { nodes { posts(first: 50) { nodes { id } } } edges { node { posts(first: 50) { nodes { id } } } } } } } }',
    },
    code: TOO_COMPLEX,
    says: COST,
  },
  {
    name: 'lists below what a mutation answers',
    payload: {
      query: `mutation { createPost(input: { text: "Hi" }) { query { userByHandle(handle: "ada") { ${lists(3, '(first: 100)')} } } } }`,
    },
    code: TOO_COMPLEX,
    says: COST,
  },
  {
    name: 'lists below every event of a subscription',
    payload: {
      query: `subscription { commentAdded(postId: "post_01h455vb4pex5vsknk084sn02q") { node { author { ${lists(4, '(first: 100)')} } } } }`,
    },
    code: TOO_COMPLEX,
    says: COST,
  },
];

const READS: readonly Hostile[] = [21, 25, 29].flatMap((count) => {
  const many = (each: (i: number) => string) => Array.from({ length: count }, (_, i) => each(i)).join(' ');
  return [
    `{ viewer { user { ${many((i) => `a${i}: posts(first: ${i + 1}) { pageInfo { hasNextPage } }`)} } } }`,
    `{ userByHandle(handle: "ada") { ${many((i) => `a${i}: followers(first: 1) { nodes { id } }`)} } }`,
    `{ viewer { ${many((i) => `a${i}: feed(first: 1) { nodes { id } }`)} } }`,
  ].map((query, index) => ({
    name: `${count} batches (${index})`,
    payload: { query },
    code: TOO_COMPLEX,
    says: /read through batches/,
  }));
});

export const LISTS: readonly Family[] = [
  { family: 'deep lists', members: DEEP },
  { family: 'wide lists', members: WIDE },
  { family: 'reads', members: READS },
];

function lists(levels: number, page: string): string {
  let inside = 'id';
  for (let level = levels; level > 0; level -= 1) {
    inside = `${level % 2 ? 'followers' : 'following'}${page} { nodes { ${inside} } }`;
  }
  return inside;
}
