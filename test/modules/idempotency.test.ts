import { PostgresDatabase } from '../../src/platform/postgres/database';
import { purgeIdempotencyKeys } from '../../src/platform/postgres/idempotency';
import { type GraphqlAnswer, type Person, startTestApp, type TestApp } from '../support/app';
import { eventually, type Gate, gateInserts } from '../support/interleaving';
import { comment, documentOf, like, mutate, people, publish, relate, remove } from '../support/verbs';

const MADE = 'postEdge { cursor node { id text version } }';

let app: TestApp;
let gate: Gate;
let ada: Person;
let bob: Person;

beforeAll(async () => {
  app = await startTestApp();
  gate = await gateInserts(app.sql, 'posts');
  ({ ada, bob } = await people(app, 'ada', 'bob'));
});
afterAll(() => app.close());

async function postsSaying(text: string): Promise<number> {
  const { rows } = await app.sql.query('SELECT count(*)::int AS posts FROM posts WHERE text = $1', [text]);
  return rows[0].posts;
}

describe('a mutation sent again with its clientMutationId', () => {
  it('happens once and is answered the same, with replayed: true', async () => {
    const input = { text: 'Once', clientMutationId: 'once' };
    const { replayed, ...first } = await mutate(app, ada, 'createPost', input, MADE);
    const { replayed: again, ...second } = await mutate(app, ada, 'createPost', input, MADE);
    expect([replayed, again]).toEqual([false, true]);
    expect(second).toEqual(first);
    expect(first).toMatchObject({ clientMutationId: 'once', userErrors: [], postEdge: { node: { text: 'Once' } } });
    expect(await postsSaying('Once')).toBe(1);
  });

  it('may name the default values or leave them out', async () => {
    await mutate(app, ada, 'createPost', { text: 'Default', clientMutationId: 'default' });
    const input = { audience: 'PUBLIC', clientMutationId: 'default', text: 'Default' };
    expect(await mutate(app, ada, 'createPost', input)).toMatchObject({ replayed: true, userErrors: [] });
  });

  it('shows what it made as that is now', async () => {
    const input = { text: 'Before', clientMutationId: 'edited' };
    const { postEdge } = await mutate(app, ada, 'createPost', input, MADE);
    await mutate(app, ada, 'updatePost', { id: postEdge.node.id, text: 'After' });
    const again = await mutate(app, ada, 'createPost', input, MADE);
    expect(again).toMatchObject({ replayed: true, postEdge: { node: { text: 'After', version: 2 } } });
    await remove(app, ada, postEdge.node.id);
    expect(await mutate(app, ada, 'createPost', input, MADE)).toMatchObject({ replayed: true, postEdge: null });
  });

  it('shows nothing that the viewer may no longer see', async () => {
    const postId = await publish(app, ada);
    const input = { postId, text: 'Seen', clientMutationId: 'seen' };
    await mutate(app, bob, 'addComment', input);
    await mutate(app, ada, 'updatePost', { id: postId, audience: 'PRIVATE' });
    const hidden = await mutate(app, bob, 'addComment', input, 'commentEdge { node { text } } post { text }');
    expect(hidden).toMatchObject({ replayed: true, userErrors: [], commentEdge: null, post: null });
  });

  it('does not undo what happened since', async () => {
    const postId = await publish(app, ada);
    const input = { postId, liked: true, clientMutationId: 'like' };
    await mutate(app, bob, 'setPostLiked', input);
    await like(app, bob, postId, false);
    const again = await mutate(app, bob, 'setPostLiked', input, 'post { likeCount viewerHasLiked }');
    expect(again).toMatchObject({ replayed: true, post: { likeCount: 0, viewerHasLiked: false } });
  });

  it('is answered also when it could not be made now', async () => {
    const postId = await publish(app, ada);
    const { id } = await comment(app, bob, postId);
    const input = { id, clientMutationId: 'gone' };
    await mutate(app, bob, 'deleteNode', input);
    const again = await mutate(app, bob, 'deleteNode', input, 'deletedId');
    expect(again).toMatchObject({ replayed: true, userErrors: [], deletedId: id });
    const fresh = await mutate(app, bob, 'deleteNode', { id, clientMutationId: 'gone-2' });
    expect(fresh.userErrors).toMatchObject([{ code: 'NOT_FOUND' }]);
  });
});

describe('a clientMutationId', () => {
  const MISMATCH = [{ code: 'DUPLICATE_KEY_MISMATCH', path: ['input', 'clientMutationId'] }];

  it('belongs to one input', async () => {
    await mutate(app, ada, 'createPost', { text: 'This', clientMutationId: 'input' });
    for (const input of [{ text: 'That' }, { text: 'This', audience: 'PRIVATE' }]) {
      const refused = await mutate(app, ada, 'createPost', { ...input, clientMutationId: 'input' }, MADE);
      expect(refused).toMatchObject({ replayed: false, postEdge: null, userErrors: MISMATCH });
    }
    expect([await postsSaying('This'), await postsSaying('That')]).toEqual([1, 0]);
  });

  it('belongs to one mutation', async () => {
    const postId = await publish(app, ada);
    const { id } = await comment(app, ada, postId);
    await mutate(app, ada, 'updatePost', { id: postId, clientMutationId: 'name' });
    const refused = await mutate(app, ada, 'deleteNode', { id: postId, clientMutationId: 'name' });
    expect(refused.userErrors).toMatchObject(MISMATCH);
    // Input for input the same, but another mutation.
    await mutate(app, ada, 'updateComment', { id, text: 'Same', clientMutationId: 'name-2' });
    const other = await mutate(app, ada, 'updatePost', { id, text: 'Same', clientMutationId: 'name-2' });
    expect(other.userErrors).toMatchObject(MISMATCH);
    const { post } = await app.ok('query P($id: ID!) { post(id: $id) { version } }', { id: postId });
    expect(post.version).toBe(2);
  });

  it('belongs to one viewer', async () => {
    const input = { text: 'Each', clientMutationId: 'shared' };
    const made = await Promise.all([ada, bob].map((viewer) => mutate(app, viewer, 'createPost', input, MADE)));
    expect(made.map(({ replayed }) => replayed)).toEqual([false, false]);
    const again = await Promise.all([ada, bob].map((viewer) => mutate(app, viewer, 'createPost', input, MADE)));
    expect(again).toEqual(made.map((payload) => ({ ...payload, replayed: true })));
    expect(await postsSaying('Each')).toBe(2);
  });

  it('is free again after a refusal', async () => {
    const key = { clientMutationId: 'refused' };
    for (const input of [{ text: ' ' }, { text: 'Fine', id: 'post_nonsense' }]) {
      expect((await mutate(app, ada, 'createPost', { ...key, ...input })).userErrors).toMatchObject([
        { code: 'INVALID' },
      ]);
    }
    const made = await mutate(app, ada, 'createPost', { ...key, text: 'Fine' });
    expect(made).toMatchObject({ replayed: false, userErrors: [] });
    expect(await postsSaying('Fine')).toBe(1);
  });

  it('is free again after a conflict, so that the person can decide', async () => {
    const id = await publish(app, ada);
    await mutate(app, ada, 'updatePost', { id, text: 'Second' });
    const input = { id, text: 'Third', clientMutationId: 'conflict' };
    const refused = await mutate(app, ada, 'updatePost', { ...input, ifVersion: 1 });
    expect(refused.userErrors).toMatchObject([{ __typename: 'ConflictError' }]);
    const decided = await mutate(app, ada, 'updatePost', { ...input, ifVersion: 2 });
    expect(decided).toMatchObject({ replayed: false, userErrors: [] });
  });

  it.each([
    ['empty', ''],
    ['longer than 64 characters', 'k'.repeat(65)],
    ['with a space', 'two words'],
    ['beyond ASCII', 'schlüssel'],
  ])('must not be %s', async (_, clientMutationId) => {
    const { userErrors } = await mutate(app, ada, 'createPost', { text: 'Keyless', clientMutationId });
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'clientMutationId'] }]);
    expect(await postsSaying('Keyless')).toBe(0);
  });
});

describe('identical mutations at once', () => {
  it('are one effect and equal answers, one of them the first', async () => {
    const input = { text: 'Two hundred', clientMutationId: 'many' };
    const tries = Array.from({ length: 200 }, () => mutate(app, ada, 'createPost', input, MADE));
    const answers = await Promise.all(tries);
    expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(new Set(answers.map(({ replayed: _, ...answer }) => JSON.stringify(answer))).size).toBe(1);
    expect(answers[0]).toMatchObject({ userErrors: [], postEdge: { node: { text: 'Two hundred' } } });
    expect(await postsSaying('Two hundred')).toBe(1);
  });

  it('wait for the first, and the second becomes the first when that fails', async () => {
    const variables = { input: { text: `${gate.mark} and failing`, clientMutationId: 'second' } };
    const send = (): Promise<GraphqlAnswer> => app.query(documentOf('createPost', MADE), variables, ada);
    await gate.shut();
    const first = send();
    await gate.waiting(1);
    const second = send();
    await gate.waiting(2);
    await cancelOneAtTheGate();
    expect((await first).errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    await gate.waiting(1);
    await gate.open();
    expect((await second).data.createPost).toMatchObject({ replayed: false, userErrors: [] });
    expect(await postsSaying(variables.input.text)).toBe(1);
    expect((await send()).data.createPost).toMatchObject({ replayed: true, userErrors: [] });
  });

  /** Ends the statement that waits at the gate, as an administrator or a timeout would. */
  async function cancelOneAtTheGate(): Promise<void> {
    await eventually('a statement is cancelled', async () => {
      const { rowCount } = await app.sql.query(`
        SELECT pg_cancel_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event = 'advisory' LIMIT 1`);
      return rowCount === 1;
    });
  }
});

describe('old keys', () => {
  it('are forgotten by a job after IDEMPOTENCY_HOURS, young ones are kept', async () => {
    const old = { text: 'Old', clientMutationId: 'old' };
    const young = { text: 'Young', clientMutationId: 'young' };
    await mutate(app, ada, 'createPost', old);
    await mutate(app, ada, 'createPost', young);
    await app.sql.query(
      `UPDATE idempotency_keys SET created_at = created_at - CASE key WHEN 'old' THEN 73 ELSE 71 END * interval '1 hour'
       WHERE key IN ('old', 'young')`,
    );
    await app.sql.query(`SELECT graphile_worker.add_job('idempotency.purge')`);
    await app.jobsDone();
    expect((await mutate(app, ada, 'createPost', young)).replayed).toBe(true);
    expect((await mutate(app, ada, 'createPost', old)).replayed).toBe(false);
  });

  it('are counted as they go', async () => {
    const cyd = await app.person('cyd');
    await relate(app, cyd, bob, { following: true });
    for (const key of ['a', 'b']) await mutate(app, cyd, 'createPost', { text: key, clientMutationId: key });
    await app.sql.query(`UPDATE idempotency_keys SET created_at = '2001-01-01' WHERE viewer_id = $1`, [cyd.uuid]);
    const database = new PostgresDatabase(app.sql);
    expect(await purgeIdempotencyKeys(database, '2001-01-01T00:00:00.000Z')).toBe(0);
    expect(await purgeIdempotencyKeys(database, '2001-01-01T00:00:00.001Z')).toBe(2);
  });
});
