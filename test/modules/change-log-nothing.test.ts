import { encodeId, newId } from '../../src/kernel/ids';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { appendedBy, namesOf, sentences } from '../support/change-log';
import { attempt } from '../support/social';
import { comment, crowd, like, type MutationName, mutate, publish, relate } from '../support/verbs';

const NOBODY = encodeId('post', newId());

interface Cast {
  readonly ada: Person;
  readonly fan: Person;
  readonly cyd: Person;
  /** Ada's, for everybody. */
  readonly hello: string;
  /** Ada's, for herself. */
  readonly diary: string;
  /** Cyd's, under `hello`. */
  readonly note: string;
}

let app: TestApp;
let cast: Cast;

/** Fan follows Ada, mutes Cyd, and likes `hello`; Cyd blocks Fan. */
beforeAll(async () => {
  app = await startTestApp({ env: { DATABASE_LOCK_TIMEOUT_MS: '400' } });
  const [ada, fan, cyd] = (await crowd(app, 'person', 3)) as [Person, Person, Person];
  await relate(app, fan, ada, { following: true });
  await relate(app, fan, cyd, { muting: true });
  await relate(app, cyd, fan, { blocking: true });
  const hello = await publish(app, ada);
  const diary = await publish(app, ada, 'Dear diary', { audience: 'PRIVATE' });
  const { id: note } = await comment(app, cyd, hello);
  await like(app, fan, hello);
  cast = { ada, fan, cyd, hello, diary, note };
});
afterAll(() => app.close());

type Who = 'ada' | 'fan' | 'cyd';
type Attempt = readonly [as: Who, name: MutationName, input: (cast: Cast) => object, code: string];

const REFUSED: Readonly<Record<string, Attempt>> = {
  'a post without a text': ['ada', 'createPost', () => ({ text: ' ' }), 'INVALID'],
  'a post with an id that is taken': ['fan', 'createPost', ({ hello }) => ({ text: 'New', id: hello }), 'CONFLICT'],
  'an edit by somebody else': ['cyd', 'updatePost', ({ hello }) => ({ id: hello, text: 'Hi' }), 'FORBIDDEN'],
  'an edit of what is hidden': ['cyd', 'updatePost', ({ diary }) => ({ id: diary, text: 'Hi' }), 'NOT_FOUND'],
  'an edit of an old version': [
    'ada',
    'updatePost',
    ({ hello }) => ({ id: hello, text: 'Hi', ifVersion: 9 }),
    'CONFLICT',
  ],
  'a text that is too long': ['ada', 'updatePost', ({ hello }) => ({ id: hello, text: 'x'.repeat(5_001) }), 'INVALID'],
  'a deletion by somebody else': ['cyd', 'deleteNode', ({ hello }) => ({ id: hello }), 'FORBIDDEN'],
  'a deletion of nothing': ['ada', 'deleteNode', () => ({ id: NOBODY }), 'NOT_FOUND'],
  'a comment on nothing': ['cyd', 'addComment', () => ({ postId: NOBODY, text: 'Hi' }), 'NOT_FOUND'],
  'a comment with an id that is taken': [
    'ada',
    'addComment',
    ({ hello, note }) => ({ postId: hello, id: note, text: 'Hi' }),
    'CONFLICT',
  ],
  'a comment edited by somebody else': ['ada', 'updateComment', ({ note }) => ({ id: note, text: 'Hi' }), 'FORBIDDEN'],
  'a comment deleted by whom a block hides it from': ['fan', 'deleteNode', ({ note }) => ({ id: note }), 'NOT_FOUND'],
  'a like of what is hidden': ['fan', 'setPostLiked', ({ diary }) => ({ postId: diary, liked: true }), 'NOT_FOUND'],
  'a follow of oneself': ['ada', 'setRelationship', ({ ada }) => ({ userId: ada.id, following: true }), 'INVALID'],
  'a follow of one who blocks': [
    'fan',
    'setRelationship',
    ({ cyd }) => ({ userId: cyd.id, following: true }),
    'NOT_FOUND',
  ],
  'a follow of one blocked': ['cyd', 'setRelationship', ({ fan }) => ({ userId: fan.id, following: true }), 'BLOCKED'],
  'an answer to no request': [
    'ada',
    'answerFollowRequest',
    ({ cyd }) => ({ userId: cyd.id, accept: true }),
    'NOT_FOUND',
  ],
  'a handle that is taken': ['ada', 'updateProfile', ({ fan }) => ({ handle: fan.handle }), 'CONFLICT'],
  'a profile of an old version': ['ada', 'updateProfile', () => ({ name: 'A', ifVersion: 9 }), 'CONFLICT'],
};

const UNCHANGED: Readonly<Record<string, Attempt>> = {
  'a like of what one likes': ['fan', 'setPostLiked', ({ hello }) => ({ postId: hello, liked: true }), 'OK'],
  'no like of what one does not like': ['cyd', 'setPostLiked', ({ hello }) => ({ postId: hello, liked: false }), 'OK'],
  'a follow of one followed': ['fan', 'setRelationship', ({ ada }) => ({ userId: ada.id, following: true }), 'OK'],
  'no follow of one not followed': [
    'ada',
    'setRelationship',
    ({ fan }) => ({ userId: fan.id, following: false }),
    'OK',
  ],
  'a block of one blocked': ['cyd', 'setRelationship', ({ fan }) => ({ userId: fan.id, blocking: true }), 'OK'],
  'no mute of one not muted': ['ada', 'setRelationship', ({ fan }) => ({ userId: fan.id, muting: false }), 'OK'],
  'no block of one not blocked': ['ada', 'setRelationship', ({ fan }) => ({ userId: fan.id, blocking: false }), 'OK'],
  'nothing at all': ['ada', 'setRelationship', ({ fan }) => ({ userId: fan.id }), 'OK'],
};

describe('nothing is appended', () => {
  it.each(Object.entries(REFUSED))('for %s, which is refused', (_what, tried) => expectNothing(tried));
  it.each(Object.entries(UNCHANGED))('for %s, which changes nothing', (_what, tried) => expectNothing(tried));

  it('for what changes nothing there is no cursor either', async () => {
    const input = { userId: cast.ada.id, following: true };
    expect((await mutate(app, cast.fan, 'setRelationship', input, 'cursor')).cursor).toBeNull();
  });

  it('for a write that fails at its end', async () => {
    await app.sql.query('ALTER TABLE change_entries RENAME TO change_entries_away');
    const answer = await app.query('mutation { createPost(input: { text: "Lost" }) { replayed } }', {}, cast.ada);
    await app.sql.query('ALTER TABLE change_entries_away RENAME TO change_entries');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'INTERNAL' } }]);
    const { rows } = await app.sql.query(`SELECT FROM posts WHERE text = 'Lost'`);
    expect(rows).toEqual([]);
  });

  async function expectNothing([as, name, input, code]: Attempt): Promise<void> {
    let outcome = '';
    const rows = await appendedBy(app, async () => {
      outcome = await attempt(app, cast[as], name, input(cast));
    });
    expect(outcome).toBe(code);
    expect(sentences(rows, namesOf({ ...cast }))).toEqual([]);
  }
});

describe('a like', () => {
  it("does not wait for the author's log", async () => {
    const keeper = await app.sql.connect();
    try {
      await keeper.query('BEGIN');
      await keeper.query('SELECT FROM change_streams WHERE viewer_id = $1 FOR UPDATE', [cast.ada.uuid]);
      await like(app, cast.cyd, cast.hello);
      // Whatever does touch the author's log waits, and is refused when it waits too long.
      const { errors } = await app.query(
        'mutation($id: ID!) { addComment(input: { postId: $id, text: "Hi" }) { replayed } }',
        { id: cast.hello },
        cast.cyd,
      );
      expect(errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    } finally {
      await keeper.query('ROLLBACK');
      keeper.release();
    }
  });
});
