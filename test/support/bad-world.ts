import { encodeId, newId } from '../../src/kernel/ids';
import type { Person, TestApp } from './app';
import type { Place } from './bad-input';
import type { Samples } from './bad-usual';
import type { ForeignThings } from './bad-values';

/** Somebody who sends requests, signed in or not. */
export interface Caller {
  readonly name: string;
  readonly authorization: string | null;
}

/** A small network in which everything that can be hidden is. */
export interface BadWorld {
  readonly samples: Samples;
  readonly things: ForeignThings;
  readonly callers: readonly Caller[];
  /** Who asks when nothing is to go wrong but the value: writers write, readers read what stays as it is. */
  callerOf(place: Place): Caller;
}

const POSTS = 24;
const CONVERSATIONS = 8;

/**
 * Bob's first post is read by everybody and changed by nobody. Max writes and is the only one who does. Cat is private,
 * dan has blocked the others, fay keeps a post to herself and has deleted one, and gil has left.
 */
export async function buildBadWorld(app: TestApp): Promise<BadWorld> {
  const [bob, max, ada, dan, fay, gil] = await Promise.all(
    ['bob', 'max', 'ada', 'dan', 'fay', 'gil'].map((handle) => app.person(handle)),
  );
  const cat = await app.person('cat', { private: true });
  if (!bob || !max || !ada || !dan || !fay || !gil) throw new Error('somebody is missing');

  const write = async (by: Person, text: string, audience = 'PUBLIC'): Promise<string> => {
    const document = `mutation ($i: CreatePostInput!) { createPost(input: $i) { postEdge { node { id } } } }`;
    return (await app.ok(document, { i: { text, audience } }, by)).createPost.postEdge.node.id;
  };
  const comment = async (by: Person, postId: string): Promise<string> => {
    const document = `mutation ($i: AddCommentInput!) { addComment(input: $i) { commentEdge { node { id } } } }`;
    return (await app.ok(document, { i: { postId, text: 'Well said' } }, by)).addComment.commentEdge.node.id;
  };
  const like = (by: Person, postId: string) =>
    app.ok(
      'mutation ($i: SetPostLikedInput!) { setPostLiked(input: $i) { replayed } }',
      { i: { postId, liked: true } },
      by,
    );
  const relate = (by: Person, to: Person, change: object) =>
    app.ok(
      'mutation ($i: SetRelationshipInput!) { setRelationship(input: $i) { replayed } }',
      { i: { userId: to.id, ...change } },
      by,
    );
  const remove = (by: Person, id: string) =>
    app.ok('mutation ($i: DeleteNodeInput!) { deleteNode(input: $i) { replayed } }', { i: { id } }, by);

  const first = await write(bob, 'The first');
  const hidden = [
    await write(cat, 'For my followers'),
    await write(dan, 'Not for you'),
    await write(fay, 'Mine', 'PRIVATE'),
  ];
  const deleted = await write(fay, 'Never mind');
  const left = await write(gil, 'Goodbye');
  const own: string[] = [];
  const comments: string[] = [];
  for (let n = 0; n < POSTS; n += 1) {
    own.push(await write(max, `Number ${n}`));
    comments.push(await comment(max, n % 2 ? first : String(own[n])));
  }
  const bobs = [await comment(bob, first), await comment(bob, first)];
  const commentGone = await comment(fay, first);
  for (const liker of [ada, max, fay]) for (const post of [first, String(own[0])]) await like(liker, post);
  for (const follower of [ada, max, fay]) await relate(follower, bob, { following: true });
  for (const follower of [bob, ada]) await relate(follower, max, { following: true });
  await relate(fay, cat, { following: true });
  for (const other of [ada, max, bob]) await relate(dan, other, { blocking: true });
  await relate(ada, gil, { muting: true });
  // Max talks to ada, who only reads, and to bob, whom nobody misses; dan and fay talk by themselves.
  const talk = async (by: Person, ...others: Person[]): Promise<string> => {
    const document = `mutation ($i: StartConversationInput!) { startConversation(input: $i) { conversation { id } } }`;
    const input = { participantIds: others.map(({ id }) => id) };
    return (await app.ok(document, { i: input }, by)).startConversation.conversation.id;
  };
  const say = async (by: Person, conversationId: string): Promise<string> => {
    const document = `mutation ($i: SendMessageInput!) { sendMessage(input: $i) { messageEdge { node { id } } } }`;
    return (await app.ok(document, { i: { conversationId, text: 'Listen' } }, by)).sendMessage.messageEdge.node.id;
  };
  const [conversations, farewells, messages]: [string[], string[], string[]] = [[], [], []];
  for (let n = 0; n < CONVERSATIONS; n += 1) {
    conversations.push(await talk(max, bob, ada));
    farewells.push(await talk(max, bob, fay));
    messages.push(await say(max, String(conversations[0])));
  }
  const apart = await talk(fay, cat, bob);
  const hiddenMessage = await say(fay, apart);
  await remove(fay, deleted);
  await remove(fay, commentGone);
  await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [gil.uuid]);

  const pages = await app.ok(
    `query ($user: ID!, $post: ID!) {
      user(id: $user) { posts(first: 2) { edges { cursor } } followers(first: 2) { edges { cursor } } }
      post(id: $post) { comments(first: 2, order: NEWEST) { edges { cursor } } }
      viewer { feed(first: 2) { edges { cursor } } }
    }`,
    { user: max.id, post: first },
    fay,
  );
  const lists = [pages.user.posts, pages.user.followers, pages.post.comments, pages.viewer.feed];
  const cursors: string[] = lists.flatMap(({ edges }) => edges.map((edge: { cursor: string }) => edge.cursor));

  const callerFor = (person: Person | null): Caller => ({
    name: person?.handle ?? 'anonymous',
    authorization: person && `Bearer ${person.token}`,
  });
  const callers = [max, ada, null].map(callerFor);
  const leaver = callerFor(await app.person('leaver'));
  const [writer, reader] = callers as [Caller, Caller, Caller];
  return {
    samples: {
      posts: [first, ...own],
      comments: [...comments, ...bobs],
      users: [bob.id, ada.id, fay.id, cat.id],
      handle: 'bob',
      conversations,
      messages,
      farewells,
      sessions: [await openSession(app, max)],
    },
    things: {
      visibleIds: [first, String(bobs[0]), bob.id, cat.id, String(own[0]), String(farewells[0]), String(messages[0])],
      hiddenIds: [...hidden, deleted, left, commentGone, gil.id, encodeId('viewer', fay.uuid), apart, hiddenMessage],
      cursors,
    },
    callers,
    callerOf: ({ operation, rootField }) => {
      if (rootField.startsWith('signOut')) return leaver;
      return operation === 'mutation' ? writer : reader;
    },
  };
}

/** Another session of this person; answers its id. */
async function openSession(app: TestApp, person: Person): Promise<string> {
  const id = newId();
  await app.sql.query('INSERT INTO sessions (id, user_id, created_at, last_used_at) VALUES ($1, $2, now(), now())', [
    id,
    person.uuid,
  ]);
  return encodeId('session', id);
}
