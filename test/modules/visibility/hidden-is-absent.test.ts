import { encodeId, newId } from '../../../src/kernel/ids';
import { type GraphqlAnswer, type Person, startTestApp, type TestApp } from '../../support/app';
import { connectLive } from '../../support/live';
import { block, deleteAccount, outcomeOf } from '../../support/social';
import { comment, documentOf, type MutationName, publish, remove } from '../../support/verbs';

/** Something that one viewer must not be able to tell from nothing. */
interface Hidden {
  readonly viewer: Person | null;
  readonly id: string;
}

describe('what is hidden is answered as what does not exist, byte for byte', () => {
  let app: TestApp;
  let viewer: Person;
  let hiddenPosts: Record<string, Hidden>;
  let hiddenComments: Record<string, Hidden>;
  let hiddenPeople: Record<string, Hidden & { readonly handle: string }>;

  beforeAll(async () => {
    app = await startTestApp();
    const author = await app.person('author');
    viewer = await app.person('viewer');
    const hermit = await app.person('hermit', { private: true });
    const blocker = await app.person('blocker');
    const blocked = await app.person('blocked');
    const gone = await app.person('gone');
    const open = await publish(app, author);
    const posts = {
      'a post by somebody who blocked the viewer': await publish(app, blocker),
      'a post by somebody whom the viewer blocked': await publish(app, blocked),
      'a post of a private account': await publish(app, hermit),
      'a post for followers': await publish(app, author, 'Hello', { audience: 'FOLLOWERS' }),
      'a post for its author': await publish(app, author, 'Hello', { audience: 'PRIVATE' }),
      'a post of a deleted account': await publish(app, gone),
      'a deleted post': await publish(app, author),
    };
    const comments = {
      'a comment by somebody who blocked the viewer': (await comment(app, blocker, open)).id,
      'a comment by somebody whom the viewer blocked': (await comment(app, blocked, open)).id,
      'a comment by a deleted account': (await comment(app, gone, open)).id,
      'a deleted comment': (await comment(app, author, open)).id,
      'a comment under a hidden post': (await comment(app, hermit, posts['a post of a private account'])).id,
      'a comment of the viewer under a hidden post': (
        await comment(app, viewer, posts['a post by somebody who blocked the viewer'])
      ).id,
    };
    await remove(app, author, posts['a deleted post']);
    await remove(app, author, comments['a deleted comment']);
    await block(app, blocker, viewer);
    await block(app, viewer, blocked);
    await deleteAccount(app, gone);
    hiddenPosts = fromViewer(posts);
    hiddenComments = fromViewer(comments);
    hiddenPeople = {
      'somebody who blocked the viewer': { viewer, id: blocker.id, handle: blocker.handle },
      'a deleted account': { viewer, id: gone.id, handle: gone.handle },
    };
  });
  afterAll(() => app.close());

  function fromViewer(ids: Record<string, string>): Record<string, Hidden> {
    return Object.fromEntries(Object.entries(ids).map(([name, id]) => [name, { viewer, id }]));
  }

  /** Sends the same operation about the hidden id and about one that nobody has; both bodies must be equal. */
  async function expectAlike(id: string, ask: (id: string) => Promise<GraphqlAnswer>): Promise<GraphqlAnswer> {
    const absentId = encodeId(id.split('_')[0] as string, newId());
    const [hidden, absent] = [await ask(id), await ask(absentId)];
    expect(hidden.status).toBe(absent.status);
    expect(hidden.text.replaceAll(id, '<id>')).toBe(absent.text.replaceAll(absentId, '<id>'));
    return hidden;
  }

  const byId = (field: string) => `query ById($id: ID!) { ${field}(id: $id) { __typename id } }`;
  const BY_IDS = 'query ByIds($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }';

  async function expectUnread({ viewer: as, id }: Hidden, ...fields: string[]): Promise<void> {
    for (const field of fields) {
      const { data } = await expectAlike(id, (each) => app.query(byId(field), { id: each }, as));
      expect(data).toEqual({ [field]: null });
    }
    const { data } = await expectAlike(id, (each) => app.query(BY_IDS, { ids: [each, viewer.id] }, as));
    expect(data.nodes).toEqual([null, { __typename: 'User', id: viewer.id }]);
  }

  async function expectUnwritten({ viewer: as, id }: Hidden, name: MutationName, input: (id: string) => object) {
    const answer = await expectAlike(id, (each) => app.query(documentOf(name), { input: input(each) }, as));
    expect(outcomeOf(answer, name)).toBe('NOT_FOUND');
  }

  it('to who reads a post', async () => {
    for (const hidden of Object.values(hiddenPosts)) await expectUnread(hidden, 'node', 'post');
  });

  it('to who reads a comment', async () => {
    for (const hidden of Object.values(hiddenComments)) await expectUnread(hidden, 'node');
  });

  it('to who reads without signing in', async () => {
    const hiddenFromAll = ['a post of a private account', 'a post for followers', 'a post for its author'];
    for (const name of [...hiddenFromAll, 'a post of a deleted account', 'a deleted post']) {
      await expectUnread({ viewer: null, id: hiddenPosts[name]?.id as string }, 'node', 'post');
    }
    for (const name of ['a comment by a deleted account', 'a deleted comment', 'a comment under a hidden post']) {
      await expectUnread({ viewer: null, id: hiddenComments[name]?.id as string }, 'node');
    }
    await expectUnread({ viewer: null, id: hiddenPeople['a deleted account']?.id as string }, 'node', 'user');
  });

  it('to who reads a person', async () => {
    for (const hidden of Object.values(hiddenPeople)) await expectUnread(hidden, 'node', 'user');
  });

  it('to who asks for a handle', async () => {
    const document = 'query ByHandle($handle: String!) { userByHandle(handle: $handle) { id } }';
    const absent = await app.query(document, { handle: 'nobody' }, viewer);
    for (const { handle } of Object.values(hiddenPeople)) {
      expect((await app.query(document, { handle }, viewer)).text).toBe(absent.text);
    }
  });

  it.each<[string, MutationName, (id: string) => object]>([
    ['likes a post', 'setPostLiked', (postId) => ({ postId, liked: true })],
    ['takes a like back', 'setPostLiked', (postId) => ({ postId, liked: false })],
    [
      'likes a post under a key',
      'setPostLiked',
      (postId) => ({ postId, liked: true, clientMutationId: `key-${postId.slice(-20)}` }),
    ],
    ['comments on a post', 'addComment', (postId) => ({ postId, text: 'Me too' })],
    [
      'comments on a post with an id',
      'addComment',
      (postId) => ({ postId, text: 'Me too', id: encodeId('comment', newId()) }),
    ],
    ['edits a post', 'updatePost', (id) => ({ id, text: 'Rewritten' })],
    ['edits the version that a post has', 'updatePost', (id) => ({ id, audience: 'PUBLIC', ifVersion: 1 })],
    ['edits a version that no post has', 'updatePost', (id) => ({ id, text: 'Rewritten', ifVersion: 7 })],
    ['edits a post badly', 'updatePost', (id) => ({ id, text: '' })],
    ['deletes a post', 'deleteNode', (id) => ({ id })],
  ])('to who %s', async (_what, name, input) => {
    for (const { viewer: as, id } of Object.values(hiddenPosts)) {
      // A key of its own, made of the id, is echoed.
      await expectAlike(id, async (each) => {
        const answer = await app.query(documentOf(name), { input: input(each) }, as);
        expect(outcomeOf(answer, name)).toBe('NOT_FOUND');
        return { ...answer, text: answer.text.replaceAll(each.slice(-20), '<key>') };
      });
    }
  });

  it.each<[string, MutationName, (id: string) => object]>([
    ['edits a comment', 'updateComment', (id) => ({ id, text: 'Rewritten' })],
    ['edits a version that no comment has', 'updateComment', (id) => ({ id, text: 'Rewritten', ifVersion: 7 })],
    ['edits a comment badly', 'updateComment', (id) => ({ id, text: '' })],
    ['deletes a comment', 'deleteNode', (id) => ({ id })],
  ])('to who %s', async (_what, name, input) => {
    for (const hidden of Object.values(hiddenComments)) await expectUnwritten(hidden, name, input);
  });

  it.each([
    {},
    { following: true },
    { following: false },
    { blocking: true },
    { blocking: false },
    { muting: true },
    { following: true, blocking: true },
  ])('to who sets a relationship to %o', async (change) => {
    for (const hidden of Object.values(hiddenPeople)) {
      await expectUnwritten(hidden, 'setRelationship', (userId) => ({ userId, ...change }));
    }
  });

  it.each([true, false])('to who answers a request with accept: %s', async (accept) => {
    for (const hidden of Object.values(hiddenPeople)) {
      await expectUnwritten(hidden, 'answerFollowRequest', (userId) => ({ userId, accept }));
    }
  });

  it('to who answers the request of somebody whose account was deleted since', async () => {
    const [owner, asker] = [await app.person('owner', { private: true }), await app.person('asker')];
    await app.query(documentOf('setRelationship'), { input: { userId: owner.id, following: true } }, asker);
    await deleteAccount(app, asker);
    const input = (userId: string) => ({ userId, accept: true });
    await expectUnwritten({ viewer: owner, id: asker.id }, 'answerFollowRequest', input);
  });

  it('to who watches the comments of a post', async () => {
    const live = connectLive(app, viewer);
    const document = 'subscription Watch($postId: ID!) { commentAdded(postId: $postId) { cursor } }';
    const refusal = async (postId: string) => JSON.stringify(await live.subscribe(document, { postId }).next());
    const absent = await refusal(encodeId('post', newId()));
    expect(absent).toContain('NOT_FOUND');
    for (const { id } of Object.values(hiddenPosts)) expect(await refusal(id)).toBe(absent);
    await live.close();
  });
});
