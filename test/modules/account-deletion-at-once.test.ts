import type { PoolClient } from 'pg';
import { leave } from '../support/account-deletion';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { brokenInvariants } from '../support/integrity';
import { eventually, gateInserts, pick, seeded, together } from '../support/interleaving';
import { acquaint, leave as leaveConversation, start } from '../support/messaging';
import { attempt, readWhole, waitingOnLocks } from '../support/social';
import { comment, crowd, documentOf, type MutationName, people, publish } from '../support/verbs';

const OPERATIONS = Number(process.env['DELETION_OPERATIONS'] ?? 150);
const IN_FLIGHT = 20;
const SEED = 20_261_122;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** A deletion of this account that has done its part and has not committed yet. */
async function deleting(person: Person): Promise<PoolClient> {
  const client = await app.sql.connect();
  await client.query('BEGIN');
  await client.query('SELECT FROM users WHERE id = $1 FOR UPDATE', [person.uuid]);
  await client.query('UPDATE users SET deleted_at = now() WHERE id = $1', [person.uuid]);
  return client;
}

/** What becomes of a mutation that meets such a deletion, which commits once the mutation waits. */
async function meeting(gone: Person, as: Person, name: MutationName, input: object): Promise<string> {
  const client = await deleting(gone);
  const outcome = attempt(app, as, name, input);
  const waiting = eventually('the write waits', async () => (await waitingOnLocks(app)) === 1);
  const hasWaited = await waiting.then(
    () => true,
    () => false,
  );
  await client.query(hasWaited ? 'COMMIT' : 'ROLLBACK');
  client.release();
  return hasWaited ? outcome : `${await outcome} without waiting`;
}

describe('a deletion', () => {
  it('waits for what is being written as the person, and removes it', async () => {
    const gate = await gateInserts(app.sql, 'comments');
    const { writer, host } = await people(app, ...(['writer', 'host'] as const));
    const postId = await publish(app, host);
    await comment(app, host, postId, 'Mine');
    await gate.shut();
    const written = comment(app, writer, postId, `${gate.mark} comment`);
    await gate.waiting(1);
    const left = leave(app, writer);
    await gate.waiting(2).finally(gate.open);
    await written;
    await left;
    await app.jobsDone();
    const { post } = await app.ok('query Post($id: ID!) { post(id: $id) { commentCount } }', { id: postId });
    expect(post.commentCount).toBe(1);
    expect((await readWhole(app, null, 'comments', postId))?.length).toBe(1);
  });

  it.each<[string, (posts: { post: string; other: string }) => [MutationName, object]]>([
    ['a post', () => ['createPost', { text: 'Late' }]],
    ['a comment', ({ post }) => ['addComment', { postId: post, text: 'Late' }]],
    ['a like', ({ post }) => ['setPostLiked', { postId: post, liked: true }]],
    ['a follow', ({ other }) => ['setRelationship', { userId: other, following: true }]],
    ['a conversation', ({ other }) => ['startConversation', { participantIds: [other] }]],
    ['a device', () => ['registerDevice', { platform: 'IOS', appVersion: '1' }]],
    ['an end of the sessions', () => ['signOutEverywhere', {}]],
  ])('leaves no room for %s of the person that comes late', async (what, make) => {
    const tag = what.split(' ').at(-1);
    const { late, other } = await peopleOf(['late', 'other'], tag);
    const post = await publish(app, other);
    expect(await meeting(late, late, ...make({ post, other: other.id }))).toBe('UNAUTHENTICATED');
  });

  it('leaves no room for what others begin with the person meanwhile', async () => {
    const { lost, fan, pal, third } = await people(app, ...(['lost', 'fan', 'pal', 'third'] as const));
    await acquaint(app, fan, pal, third);
    const group = await start(app, pal, [fan, third]);
    const direct = await start(app, pal, [lost]);
    await leaveConversation(app, lost, direct);
    const again = async (name: MutationName, input: object, as = pal) => {
      const outcome = await meeting(lost, as, name, input);
      await app.sql.query('UPDATE users SET deleted_at = NULL WHERE id = $1', [lost.uuid]);
      return outcome;
    };
    expect(await again('setRelationship', { userId: lost.id, following: true }, fan)).toBe('NOT_FOUND');
    expect(await again('startConversation', { participantIds: [lost.id, fan.id] })).toBe('NOT_FOUND');
    expect(await again('addParticipants', { conversationId: group, userIds: [lost.id] })).toBe('NOT_FOUND');
    expect(await again('sendMessage', { conversationId: direct, text: 'Back?' })).toBe('OK');
    const { rows } = await app.sql.query(`SELECT state FROM conversation_members WHERE user_id = $1`, [lost.uuid]);
    expect(rows).toEqual([{ state: 'left' }]);
  });

  it('of several people among hundreds of writes leaves every counter right', async () => {
    const cast = await crowd(app, 'busy', 12);
    const leaving = cast.slice(0, 3);
    const random = seeded(SEED);
    const posts: string[] = [];
    for (const person of cast) posts.push(await publish(app, person));
    await acquaint(app, ...cast.slice(6));
    const group = await start(app, cast[6] as Person, cast.slice(0, 6));
    type Draw = readonly [MutationName, object];
    const draw = (): readonly [Person, ...Draw] => {
      const [as, other, postId] = [pick(random, cast), pick(random, cast), pick(random, posts)];
      const inputs: readonly Draw[] = [
        ['setPostLiked', { postId, liked: random() < 0.7 }],
        ['addComment', { postId, text: 'Well' }],
        ['setRelationship', { userId: other.id, following: random() < 0.8 }],
        ['setRelationship', { userId: other.id, blocking: random() < 0.3 }],
        ['createPost', { text: 'Again' }],
        ['sendMessage', { conversationId: group, text: 'Hear' }],
        ['startConversation', { participantIds: [other.id] }],
      ];
      return [as, ...pick(random, inputs)];
    };
    const drawn = Array.from({ length: OPERATIONS }, draw);
    const codes = new Set<string>();
    await together(IN_FLIGHT, OPERATIONS, async (index) => {
      const nth = [0.3, 0.5, 0.7].findIndex((part) => Math.floor(part * OPERATIONS) === index);
      if (nth >= 0) return leave(app, leaving[nth] as Person);
      const [as, name, input] = drawn[index] as ReturnType<typeof draw>;
      const answer = await app.query(documentOf(name), { input }, as);
      for (const { extensions } of answer.errors ?? []) codes.add(extensions.code);
      return undefined;
    });
    await app.jobsDone();
    expect([...codes]).toEqual(['UNAUTHENTICATED']);
    expect(await brokenInvariants(app.sql)).toEqual([]);
    const ids = leaving.map(({ uuid }) => uuid);
    const { rows } = await app.sql.query(
      `SELECT (SELECT count(*) FROM posts WHERE author_id = ANY($1) AND deleted_at IS NULL) AS posts,
         (SELECT count(*) FROM comments WHERE author_id = ANY($1) AND deleted_at IS NULL) AS comments,
         (SELECT count(*) FROM messages WHERE sender_id = ANY($1) AND deleted_at IS NULL) AS messages,
         (SELECT count(*) FROM likes WHERE user_id = ANY($1)) AS likes,
         (SELECT count(*) FROM follows WHERE follower_id = ANY($1) OR followee_id = ANY($1)) AS follows,
         (SELECT count(*) FROM conversation_members WHERE user_id = ANY($1) AND state <> 'left') AS memberships,
         (SELECT count(*) FROM account_purges) AS purges`,
      [ids],
    );
    const none = { posts: '0', comments: '0', messages: '0', likes: '0', follows: '0', memberships: '0', purges: '0' };
    expect(rows).toEqual([none]);
  }, 60_000);
});

function peopleOf<Name extends string>(names: readonly Name[], tag = ''): Promise<Record<Name, Person>> {
  const made = names.map(async (name) => [name, await app.person(`${name}_${tag}`)] as const);
  return Promise.all(made).then((entries) => Object.fromEntries(entries) as Record<Name, Person>);
}
