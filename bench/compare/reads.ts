/** The three reads, as each kind of server is asked for them, and what its answer says in words common to all. */
import { decodeId, encodeId } from '../../src/kernel/ids';
import type { Case } from './cases';

export const READS = ['post', 'feed', 'profile'] as const;
export type Read = (typeof READS)[number];

export const WRITES = ['comment', 'like'] as const;
export type Write = (typeof WRITES)[number];

export interface Sent {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** How a family of servers is spoken to. */
export interface Dialect {
  /** `first` is the length of the list in feed and profile. */
  ask(read: Read, one: Case, first?: number): Sent;
  /** The part of an answer that is the read's, its ids, times and lists as all others have them. */
  understand(read: Read, answer: unknown): unknown;
  /** Missing where no writes are measured. */
  write?(write: Write, viewer: Case, postId: string): Sent;
}

type Json = Readonly<Record<string, unknown>>;

const viewerHeader = ({ viewerId }: Case) => ({ 'x-viewer': viewerId });

/** Bytes of the same length for the same question, so that only the values differ. */
function graphql(query: string, variables: Json, headers: Sent['headers']): Sent {
  const body = JSON.stringify({ query, variables });
  return { method: 'POST', path: '/graphql', headers: { 'content-type': 'application/json', ...headers }, body };
}

/** The length of a page, unless growth with it is measured. */
const PAGE = 20;

const POST = 'id text createdAt likeCount commentCount viewerHasLiked';
const AUTHOR = 'author { id handle name }';
const COMMENT = `id text createdAt ${AUTHOR}`;
const PERSON = 'id handle name bio counts { followers following posts }';

/** Of the servers that we wrote for this: a schema like Portico's, with the ids of the database. */
const plainDocuments = (first: number): Record<Read, string> => ({
  post: `query Post($id: ID!) { post(id: $id) { ${POST} ${AUTHOR} } }`,
  feed: `query Feed { feed(first: ${first}) { nodes { ${POST} ${AUTHOR} comments(first: 3) { nodes { ${COMMENT} } } } } }`,
  profile: `query Profile($id: ID!) { user(id: $id) { ${PERSON} posts(first: ${first}) { nodes { ${POST} } } } }`,
});

const porticoDocuments = (first: number): Record<Read, string> => ({
  ...plainDocuments(first),
  feed: `query Feed {
    viewer { feed(first: ${first}) { nodes { ${POST} ${AUTHOR} comments(first: 3, order: NEWEST) { nodes { ${COMMENT} } } } } }
  }`,
});

const G_AUTHOR = 'author: userByAuthorId { id: rowId handle name }';
const G_STATE = 'like: postLikeCounterByPostId { likes } thread: commentThreadByPostId { commentCount }';
const G_POST = `id: rowId text createdAt viewerHasLiked ${G_STATE}`;
const G_COMMENT = `id: rowId text createdAt ${G_AUTHOR}`;
const G_COMMENTS = '(first: 3, orderBy: [SEQ_DESC], condition: { deletedAt: null })';
const entries = (first: number) =>
  `(first: ${first}, orderBy: [PUBLISHED_AT_DESC, POST_ID_DESC], condition: { viewerId: $viewer })`;
const posts = (first: number) =>
  `(first: ${first}, orderBy: [CREATED_AT_DESC, PRIMARY_KEY_DESC], condition: { audience: "PUBLIC", deletedAt: null })`;
const G_PERSON = `id: rowId handle name bio
  people: relationshipCounterByUserId { followers following } written: authorPostCounterByAuthorId { posts: publicPosts }`;

/** What PostGraphile has made of the tables, with connections or with plain lists. */
function generatedDocuments(list: boolean, first: number): Record<Read, string> {
  const of = (name: string, args: string, fields: string) =>
    list ? `${name}List${args} { ${fields} }` : `${name}${args} { nodes { ${fields} } }`;
  const comments = `comments: ${of('commentsByPostId', G_COMMENTS, G_COMMENT)}`;
  return {
    post: `query Post($id: UUID!) { postByRowId(rowId: $id) { ${G_POST} ${G_AUTHOR} } }`,
    feed: `query Feed($viewer: UUID!) {
      feed: ${of('allFeedEntries', entries(first), `post: postByPostId { ${G_POST} ${G_AUTHOR} ${comments} }`)}
    }`,
    profile: `query Profile($id: UUID!) {
      userByRowId(rowId: $id) { ${G_PERSON} posts: ${of('postsByAuthorId', posts(first), G_POST)} }
    }`,
  };
}

const WRITTEN = 'What somebody writes under a post, about as long as people do.';
const LIKED = 'id likeCount viewerHasLiked';

const PLAIN_WRITES: Record<Write, string> = {
  comment: `mutation Comment($post: ID!, $text: String!) { addComment(postId: $post, text: $text) { ${COMMENT} } }`,
  like: `mutation Like($post: ID!) { setPostLiked(postId: $post, liked: true) { ${LIKED} } }`,
};

const PORTICO_WRITES: Record<Write, string> = {
  comment: `mutation Comment($post: ID!, $text: String!) {
    addComment(input: { postId: $post, text: $text }) { commentEdge { node { ${COMMENT} } } userErrors { message } }
  }`,
  like: `mutation Like($post: ID!) {
    setPostLiked(input: { postId: $post, liked: true }) { post { ${LIKED} } userErrors { message } }
  }`,
};

const writeValues = (write: Write, post: string): Json => (write === 'comment' ? { post, text: WRITTEN } : { post });

/** The body of a request that every GraphQL server answers without its database. */
export const WITHOUT_READING = JSON.stringify({ query: '{ __typename }' });

const idOf = (read: Read, one: Case) => (read === 'post' ? one.postId : one.profileId);

/** The one field under `data`, or under the viewer. */
function onlyField(answer: unknown): unknown {
  const { data, errors } = answer as { data?: Json; errors?: unknown };
  if (errors !== undefined || !data) throw new Error(`refused: ${JSON.stringify(answer).slice(0, 500)}`);
  const [field] = Object.values(data.viewer ?? data);
  return field;
}

/** Ids as UUIDs, times as milliseconds, null and left out alike, names in one order, lists without what wraps them. */
function inCommon(value: unknown, name = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => inCommon(each));
  if (typeof value === 'string') {
    if (name === 'createdAt') return Date.parse(value);
    return name === 'id' ? (decodeId(value)?.uuid ?? value) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const { nodes, ...rest } = value as Json;
  if (nodes !== undefined) return inCommon(nodes);
  const pairs = Object.entries(rest).map(([key, each]) => [key, inCommon(each, key)] as const);
  return Object.fromEntries(pairs.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** The words of the generated schema in those of the others. */
function ungenerated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ungenerated);
  if (value === null || typeof value !== 'object') return value;
  const { like, thread, people, written, post, ...rest } = value as Record<string, Json>;
  if (post) return ungenerated(post);
  const counts = people && { counts: { ...people, ...written } };
  const state = 'like' in (value as Json) && { likeCount: like?.likes ?? 0, commentCount: thread?.commentCount ?? 0 };
  const pairs = Object.entries(rest).map(([key, each]) => [key, ungenerated(each)] as const);
  return { ...Object.fromEntries(pairs), ...counts, ...state };
}

const HAND_WRITTEN: Dialect = {
  ask: (read, one, first = PAGE) => {
    const path = `/${read}/${first}/${idOf(read, one)}`;
    return { method: 'GET', path, headers: viewerHeader(one) };
  },
  understand: (_read, answer) => inCommon(answer),
};

const PLAIN: Dialect = {
  ask: (read, one, first = PAGE) =>
    graphql(plainDocuments(first)[read], read === 'feed' ? {} : { id: idOf(read, one) }, viewerHeader(one)),
  understand: (_read, answer) => inCommon(onlyField(answer)),
  write: (write, viewer, postId) => graphql(PLAIN_WRITES[write], writeValues(write, postId), viewerHeader(viewer)),
};

function generated(list: boolean): Dialect {
  return {
    ask: (read, one, first = PAGE) =>
      graphql(
        generatedDocuments(list, first)[read],
        read === 'feed' ? { viewer: one.viewerId } : { id: idOf(read, one) },
        viewerHeader(one),
      ),
    understand: (_read, answer) => inCommon(ungenerated(onlyField(answer))),
  };
}

/** What a stranger may read, by the ids under which the documents are registered. */
export const REGISTERED: Readonly<Record<string, string>> = {
  'bench-post': porticoDocuments(PAGE).post,
  'bench-profile': porticoDocuments(PAGE).profile,
};

/** Asks Portico without a token, by GET and a registered document, as pages do that a cache may keep. */
export const STRANGERS: Dialect = {
  ask: (read, one) => {
    const id = encodeId(read === 'post' ? 'post' : 'user', idOf(read, one));
    const query = new URLSearchParams({ documentId: `bench-${read}`, variables: JSON.stringify({ id }) });
    return { method: 'GET', path: `/graphql?${query}`, headers: { 'apollo-require-preflight': 'true' } };
  },
  understand: (_read, answer) => inCommon(onlyField(answer)),
};

/** Asks Portico with the access token of each viewer. */
export function portico(tokens: ReadonlyMap<string, string>): Dialect {
  const signedIn = ({ viewerId }: Case) => ({ authorization: `Bearer ${tokens.get(viewerId)}` });
  return {
    write: (write, viewer, postId) =>
      graphql(PORTICO_WRITES[write], writeValues(write, encodeId('post', postId)), signedIn(viewer)),
    ask: (read, one, first = PAGE) => {
      const id = encodeId(read === 'post' ? 'post' : 'user', idOf(read, one));
      const headers = signedIn(one);
      return graphql(porticoDocuments(first)[read], read === 'feed' ? {} : { id }, headers);
    },
    understand: (_read, answer) => inCommon(onlyField(answer)),
  };
}

export const DIALECTS = {
  handWritten: HAND_WRITTEN,
  plain: PLAIN,
  generated: generated(false),
  lists: generated(true),
};
