import { startTestApp, type TestApp } from '../../support/app';
import { attempt, type Outcome } from '../../support/social';
import type { MutationName } from '../../support/verbs';
import { AUDIENCES, type Audience, type Cell } from './rights';
import { askEveryCell, everyCell } from './rights-by-cell';
import { ARRANGE_MS, arrangeMatrix, type MatrixPost, type MatrixWorld } from './world';

/** A write on a post of an account that leaves the world as it is, whatever becomes of it. */
interface Write {
  readonly name: MutationName;
  readonly input: (post: MatrixPost) => object;
  /** What becomes of it when the viewer may see the post: for its author, and for everybody else. */
  readonly visible: { readonly self: Outcome | 'not tried'; readonly others: Outcome };
}

describe('writing to an account', () => {
  let app: TestApp;
  let world: MatrixWorld;

  beforeAll(async () => {
    app = await startTestApp();
    world = await arrangeMatrix(app);
  }, ARRANGE_MS);
  afterAll(() => app.close());

  const onPosts: Record<string, Write> = {
    'a like of a post': {
      name: 'setPostLiked',
      input: ({ id }) => ({ postId: id, liked: true }),
      visible: { self: 'OK', others: 'OK' },
    },
    'a comment on a post': {
      name: 'addComment',
      // The id of a comment that exists: whoever may comment is told so, and nothing is written.
      input: ({ id, comments }) => ({ postId: id, text: 'Me too', id: comments[0] }),
      visible: { self: 'CONFLICT', others: 'CONFLICT' },
    },
    'an edit of a post': {
      name: 'updatePost',
      input: ({ id }) => ({ id, text: 'Rewritten' }),
      visible: { self: 'OK', others: 'FORBIDDEN' },
    },
    'a stale edit of a post': {
      name: 'updatePost',
      input: ({ id }) => ({ id, text: 'Rewritten', ifVersion: 9_999 }),
      visible: { self: 'CONFLICT', others: 'FORBIDDEN' },
    },
    'a deletion of a post': {
      name: 'deleteNode',
      input: ({ id }) => ({ id }),
      visible: { self: 'not tried', others: 'FORBIDDEN' },
    },
    'an edit of a comment': {
      name: 'updateComment',
      input: ({ comments }) => ({ id: comments[0], text: 'Rewritten' }),
      visible: { self: 'OK', others: 'FORBIDDEN' },
    },
    'a deletion of a comment': {
      name: 'deleteNode',
      input: ({ comments }) => ({ id: comments[0] }),
      visible: { self: 'not tried', others: 'FORBIDDEN' },
    },
  };

  it.each(Object.keys(onPosts))('answers %s as the rights say, and NOT_FOUND for what is hidden', async (write) => {
    const { name, input, visible } = onPosts[write] as Write;
    const expected = (cell: Cell, audience: Audience): Outcome => {
      if (isNobody(cell)) return 'UNAUTHENTICATED';
      if (!cell.rights.posts.includes(audience)) return 'NOT_FOUND';
      return cell.role === 'self' ? visible.self : visible.others;
    };
    const outcomes = await askEveryCell(async (cell) => {
      const answered: Outcome[] = [];
      for (const audience of AUDIENCES) {
        const skipped = expected(cell, audience) === 'not tried';
        const post = world.posts[cell.account][audience];
        const viewer = world.viewer(cell.role, cell.account);
        answered.push(skipped ? 'not tried' : await attempt(app, viewer, name, input(post)));
      }
      return answered;
    });
    expect(outcomes).toEqual(everyCell((cell) => AUDIENCES.map((audience) => expected(cell, audience))));
  });

  it('answers setRelationship NOT_FOUND for a person who is not there', async () => {
    const outcomes = await askEveryCell(({ role, account }) =>
      attempt(app, world.viewer(role, account), 'setRelationship', { userId: world.authors[account].id }),
    );
    expect(outcomes).toEqual(
      everyCell((cell) => {
        if (isNobody(cell)) return 'UNAUTHENTICATED';
        if (cell.role === 'self') return 'INVALID';
        return cell.rights.profile ? 'OK' : 'NOT_FOUND';
      }),
    );
  });

  it('answers answerFollowRequest NOT_FOUND for everybody who did not ask', async () => {
    const outcomes = await askEveryCell(({ role, account }) => {
      const input = { userId: world.authors[account].id, accept: true };
      return attempt(app, world.viewer(role, account), 'answerFollowRequest', input);
    });
    expect(outcomes).toEqual(everyCell((cell) => (isNobody(cell) ? 'UNAUTHENTICATED' : 'NOT_FOUND')));
  });

  it('changes nothing that is hidden', async () => {
    const everything = async () => {
      const tables = ['posts', 'comments', 'comment_threads', 'likes', 'post_like_counters', 'follows'];
      const rows = tables.map((table) => app.sql.query(`SELECT * FROM ${table} ORDER BY 1, 2`));
      return (await Promise.all(rows)).map((result) => result.rows);
    };
    const before = await everything();
    const stranger = world.viewer('stranger', 'private');
    for (const post of Object.values(world.posts.private)) {
      for (const { name, input } of Object.values(onPosts)) {
        expect(await attempt(app, stranger, name, input(post))).toBe('NOT_FOUND');
      }
    }
    expect(await everything()).toEqual(before);
  });
});

/** Nobody is signed in. */
function isNobody({ role }: Cell): boolean {
  return role === 'anonymous';
}
