import { type Person, startTestApp, type TestApp } from '../../support/app';
import { connectLive, type LiveConnection, type LiveEvent, type LiveStream } from '../../support/live';
import { block, deleteAccount, follow, followPrivate, unblock } from '../../support/social';
import { comment, mutate, publish, relate } from '../../support/verbs';
import { AUDIENCES } from './rights';
import { askEveryCell, everyCell } from './rights-by-cell';
import { ARRANGE_MS, arrangeMatrix } from './world';

const COMMENT_ADDED = `subscription CommentAdded($postId: ID!, $after: String) {
  commentAdded(postId: $postId, after: $after) { cursor node { id text post { id } author { handle } } }
}`;

/** Enough for what is on its way to arrive. */
const STANDSTILL_MS = 200;

describe('commentAdded', () => {
  let app: TestApp;
  const connections = new Map<string | null, LiveConnection>();

  beforeAll(async () => {
    // A stream that nothing rings looks again this often; what ends without a ring ends within it.
    app = await startTestApp({ env: { LIVE_POLL_MS: '100' } });
  });
  afterAll(async () => {
    await Promise.all([...connections.values()].map((connection) => connection.close()));
    await app.close();
  });

  function watch(viewer: Person | null, postId: string, after?: string): LiveStream {
    const key = viewer?.handle ?? null;
    const connection = connections.get(key) ?? connectLive(app, viewer);
    connections.set(key, connection);
    return connection.subscribe(COMMENT_ADDED, { postId, after });
  }

  it(
    'opens for those who may see the post and is NOT_FOUND for everybody else',
    async () => {
      const world = await arrangeMatrix(app);
      const opened = await askEveryCell(async ({ role, account }) => {
        const seen = [];
        for (const audience of AUDIENCES) {
          const { id, after, comments } = world.posts[account][audience];
          const stream = watch(world.viewer(role, account), id, after);
          const event = await stream.next();
          stream.end();
          seen.push(
            event.kind === 'refused' ? codeOf(event) : nodeOf(event).id === comments[1] && nodeOf(event).post.id === id,
          );
        }
        return seen;
      });
      expect(opened).toEqual(
        everyCell(({ rights }) => AUDIENCES.map((audience) => rights.posts.includes(audience) || 'NOT_FOUND')),
      );
    },
    ARRANGE_MS,
  );

  describe('while it is open', () => {
    let author: Person;
    let guest: Person;
    let viewer: Person;
    let postId: string;
    let stream: LiveStream;
    let round = 0;

    beforeEach(async () => {
      round += 1;
      [author, guest, viewer] = [
        await app.person(`author_${round}`),
        await app.person(`guest_${round}`),
        await app.person(`viewer_${round}`),
      ];
      postId = await publish(app, author);
      const { cursor } = await comment(app, author, postId, 'before');
      await comment(app, author, postId, 'first');
      stream = watch(viewer, postId, cursor);
      expect(textOf(await stream.next())).toBe('first');
    });
    afterEach(() => stream.end());

    it('delivers what people write who are not hidden', async () => {
      await comment(app, guest, postId, 'live');
      expect(textOf(await stream.next())).toBe('live');
    });

    it.each([
      ['whom the viewer blocked', () => block(app, viewer, guest)],
      ['who blocked the viewer', () => block(app, guest, viewer)],
    ])('withholds what people write %s', async (_who, hide) => {
      await hide();
      await comment(app, guest, postId, 'hidden');
      await comment(app, author, postId, 'shown');
      expect(textOf(await stream.next())).toBe('shown');
    });

    it('withholds what was written by people whose account is deleted', async () => {
      const { cursor } = await comment(app, author, postId, 'shown');
      await comment(app, guest, postId, 'gone');
      await deleteAccount(app, guest);
      const late = watch(viewer, postId, cursor);
      await comment(app, author, postId, 'shown too');
      expect(textOf(await late.next())).toBe('shown too');
      late.end();
    });

    it('delivers again what people write once the block is lifted', async () => {
      await block(app, viewer, guest);
      await unblock(app, viewer, guest);
      await comment(app, guest, postId, 'shown');
      expect(textOf(await stream.next())).toBe('shown');
    });

    it.each([
      ['the author blocks the viewer', () => block(app, author, viewer)],
      ['the viewer blocks the author', () => block(app, viewer, author)],
      ['the post becomes private', () => mutate(app, author, 'updatePost', { id: postId, audience: 'PRIVATE' })],
      ['the account becomes private', () => mutate(app, author, 'updateProfile', { private: true })],
      ['the post is deleted', () => mutate(app, author, 'deleteNode', { id: postId })],
      ['the account is deleted', () => deleteAccount(app, author)],
    ])('ends when %s, without another comment', async (_why, hide) => {
      await hide();
      // Somebody for whom the post is still there, if anybody: its comment rings the stream.
      await mutate(app, author, 'addComment', { postId, text: 'hidden' }).catch(() => {});
      expect(await stream.next()).toEqual({ kind: 'ended' });
    });
  });

  it('ends when a follower of a private account stops following', async () => {
    const [owner, fan] = [await app.person('owner', { private: true }), await app.person('fan')];
    await followPrivate(app, fan, owner);
    const postId = await publish(app, owner);
    const { cursor } = await comment(app, owner, postId);
    await comment(app, owner, postId, 'for followers');
    const stream = watch(fan, postId, cursor);
    expect(textOf(await stream.next())).toBe('for followers');
    await relate(app, fan, owner, { following: false });
    await comment(app, owner, postId, 'hidden');
    expect(await stream.next()).toEqual({ kind: 'ended' });
  });

  it('delivers nothing that was read before a block and would be sent after it', async () => {
    const [writer, guest, viewer] = [
      await app.person('slow_writer'),
      await app.person('slow_guest'),
      await app.person('slow_viewer'),
    ];
    const postId = await publish(app, writer);
    const { cursor } = await comment(app, writer, postId);
    await comment(app, guest, postId, 'first');
    await repeatComment(guest, 90);
    const stream = watch(viewer, postId, cursor);
    await stream.next();
    // While nobody can read who wrote a comment, the stream stands still: what comes next comes after the block.
    const lock = await app.sql.connect();
    await lock.query('BEGIN');
    await lock.query('LOCK TABLE users IN ACCESS EXCLUSIVE MODE');
    await lock.query('INSERT INTO blocks VALUES ($1, $2, now())', [viewer.uuid, guest.uuid]);
    await new Promise((resolve) => setTimeout(resolve, STANDSTILL_MS));
    const sentBefore = stream.waiting();
    await lock.query('COMMIT');
    lock.release();
    await comment(app, writer, postId, 'last');
    let sentAfter = -sentBefore;
    for (let event = await stream.next(); textOf(event) !== 'last'; event = await stream.next()) sentAfter += 1;
    stream.end();
    // The one that stood still may have been looked at before.
    expect(sentAfter).toBeLessThanOrEqual(1);
  });

  /** Writes copies of somebody's only comment under it. */
  async function repeatComment(person: Person, times: number): Promise<void> {
    await app.sql.query(
      `WITH copies AS (
         INSERT INTO comments (post_id, id, seq, author_id, text, created_at, updated_at)
         SELECT post_id, overlay(id::text PLACING lpad(to_hex(n), 12, '0') FROM 25)::uuid, seq + n, author_id, text,
           created_at, updated_at
         FROM comments CROSS JOIN generate_series(1, $2) AS n WHERE author_id = $1
         RETURNING post_id)
       UPDATE comment_threads SET last_seq = last_seq + $2, comment_count = comment_count + $2
       WHERE post_id IN (SELECT post_id FROM copies)`,
      [person.uuid, times],
    );
  }

  it('delivers the comments of people whom the viewer muted: a mute is about the home feed', async () => {
    const [writer, listener] = [await app.person('writer'), await app.person('listener')];
    await follow(app, listener, writer);
    await relate(app, listener, writer, { muting: true });
    const postId = await publish(app, writer);
    const { cursor } = await comment(app, writer, postId);
    await comment(app, writer, postId, 'heard');
    const stream = watch(listener, postId, cursor);
    expect(textOf(await stream.next())).toBe('heard');
    stream.end();
  });
});

/** The socket of an account that is deleted is closed, or closed already: there is nothing for it either. */
function codeOf({ code }: LiveEvent & { readonly kind: 'refused' }): string {
  return code === 'NONE' ? 'NOT_FOUND' : code;
}

interface LiveComment {
  readonly id: string;
  readonly text: string;
  readonly post: { readonly id: string };
}

function nodeOf(event: LiveEvent): LiveComment {
  if (event.kind !== 'data') throw new Error(`expected a comment, got ${JSON.stringify(event)}`);
  return (event.data['commentAdded'] as { node: LiveComment }).node;
}

function textOf(event: LiveEvent): string {
  return nodeOf(event).text;
}
