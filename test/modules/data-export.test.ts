import { decodeId, encodeId, newId } from '../../src/kernel/ids';
import { removeExportsOf } from '../../src/modules/privacy';
import { PostgresDatabase } from '../../src/platform/postgres/database';
import { startTestApp, type TestApp } from '../support/app';
import { here, make, newOwner, type Owner, REQUEST, read, request, signInAgain } from '../support/data-exports';

const NO_EXPORT = 'There is nothing here, or this link has ended. Ask for another one.';
const EXPIRE = `UPDATE data_exports SET expires_at = now() - interval '1 second' WHERE user_id = $1`;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { EXPORTS_PER_DAY: '2', EXPORT_MAX_BYTES: '400000' } });
});
afterAll(() => app.close());

const runTask = async (task: string, payload: object = {}) => {
  await app.sql.query('SELECT graphile_worker.add_job($1, $2::json)', [task, JSON.stringify(payload)]);
  await app.jobsDone();
};

describe('asking for a copy of the own data', () => {
  it('has to be signed, by somebody who has just shown who they are', async () => {
    const stranger = await app.query(REQUEST, { input: {} });
    expect(stranger.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED');
    const bare = await app.person('bare');
    const { requestDataExport } = await app.ok(REQUEST, { input: {} }, bare);
    expect(requestDataExport).toMatchObject({ userErrors: [{ code: 'SIGNATURE_REQUIRED' }], dataExport: null });
    const late = await newOwner(app, 'late');
    await app.sql.query(`UPDATE sessions SET authenticated_at = now() - interval '1 hour' WHERE user_id = $1`, [
      late.uuid,
    ]);
    expect(await request(late)).toMatchObject({ userErrors: [{ code: 'STEP_UP_REQUIRED' }], dataExport: null });
    expect((await app.sql.query('SELECT FROM data_exports')).rowCount).toBe(0);
  });

  it('answers at once, makes it in the background, and tells the apps of its owner alone', async () => {
    const ada = await newOwner(app, 'ada');
    const before = (await ada.ask('{ viewer { sync { cursor } } }')).viewer.sync.cursor;
    const { dataExport } = await request(ada);
    expect(dataExport).toMatchObject({ state: 'QUEUED', url: null, expiresAt: null, sizeBytes: null });
    await app.jobsDone();
    const sync = `query ($after: Cursor) { viewer { sync(after: $after, scopes: [PROFILE]) { changes {
      ... on NodeUpserted { node { id ... on DataExport { state } } } } } } }`;
    const { changes } = (await ada.ask(sync, { after: before })).viewer.sync;
    expect(changes).toEqual([{ node: { id: dataExport.id, state: 'DONE' } }]);
    const { rows } = await app.sql.query(`SELECT DISTINCT viewer_id FROM change_entries WHERE kind = 'export'`);
    expect(rows).toEqual([{ viewer_id: ada.uuid }]);
    const trail = await app.sql.query(`SELECT kind FROM audit_events WHERE kind LIKE 'export.%' AND user_id = $1`, [
      ada.uuid,
    ]);
    expect(trail.rows).toEqual([{ kind: 'export.requested' }]);
  });

  it('is limited to one at a time and a few a day, and says when the next may be asked for', async () => {
    const eager = await newOwner(app, 'eager');
    const input = { clientMutationId: 'once' };
    const first = await request(eager, input);
    await app.sql.query(
      `UPDATE data_exports SET state = 'QUEUED', expires_at = NULL, size_bytes = NULL WHERE user_id = $1`,
      [eager.uuid],
    );
    const second = await request(eager);
    expect(second.userErrors).toEqual([
      { code: 'RATE_LIMITED', message: expect.stringContaining('already'), retryAfterMs: 60_000 },
    ]);
    expect(await request(eager, input)).toMatchObject({ replayed: true, dataExport: { id: first.dataExport.id } });
    await app.jobsDone();
    await app.sql.query(
      `UPDATE data_exports SET state = 'FAILED', expires_at = NULL, size_bytes = NULL WHERE user_id = $1`,
      [eager.uuid],
    );
    expect((await request(eager)).userErrors).toEqual([]);
    await app.jobsDone();
    await app.sql.query(`UPDATE data_exports SET created_at = created_at - interval '20 hours' WHERE user_id = $1`, [
      eager.uuid,
    ]);
    const [third] = (await request(eager)).userErrors;
    expect(third).toMatchObject({ code: 'RATE_LIMITED', message: expect.stringContaining('2 copies') });
    expect(third.retryAfterMs).toBeGreaterThan(3.9 * 3_600_000);
    expect(third.retryAfterMs).toBeLessThanOrEqual(4 * 3_600_000);
    await app.sql.query(`UPDATE data_exports SET created_at = created_at - interval '4 hours' WHERE user_id = $1`, [
      eager.uuid,
    ]);
    expect((await request(eager)).userErrors).toEqual([]);
    await app.jobsDone();
  });

  it('is given up when the copy would be too large, and leaves nothing of it', async () => {
    const vast = await newOwner(app, 'vast');
    await app.sql.query(
      `INSERT INTO posts (id, author_id, text, audience, created_at, updated_at)
       SELECT overlay(gen_random_uuid()::text placing '7' from 15)::uuid, $1,
         (SELECT string_agg(gen_random_uuid()::text, '') FROM generate_series(1, 60 + i * 0)), 'PUBLIC', now(), now()
       FROM generate_series(1, 500) i`,
      [vast.uuid],
    );
    expect(await make(app, vast)).toMatchObject({ state: 'FAILED', url: null, sizeBytes: null, expiresAt: null });
    expect((await app.sql.query('SELECT FROM data_export_parts WHERE user_id = $1', [vast.uuid])).rowCount).toBe(0);
    expect((await app.sql.query('SELECT attempts FROM data_exports WHERE user_id = $1', [vast.uuid])).rows).toEqual([
      { attempts: 1 },
    ]);
  });
});

describe('a copy that comes to no end', () => {
  const unfinished = async (owner: Owner, state: string, attempts: number, hoursAgo: number) => {
    const id = newId();
    await app.sql.query(
      `INSERT INTO data_exports (user_id, id, session_id, state, attempts, created_at)
       VALUES ($1, $2, $1, $3, $4, now() - make_interval(hours => $5))`,
      [owner.uuid, id, state, attempts, hoursAgo],
    );
    return id;
  };
  const stateOf = async (owner: Owner, id: string) => (await read(owner, encodeId('export', id)))?.state;

  it('is given up after some attempts', async () => {
    const nora = await newOwner(app, 'nora');
    const id = await unfinished(nora, 'RUNNING', 5, 0);
    await runTask('exports.make', { userId: nora.uuid, exportId: id });
    expect(await stateOf(nora, id)).toBe('FAILED');
  });

  it('is given up when its job is gone, so that another one may be asked for', async () => {
    const olga = await newOwner(app, 'olga');
    const id = await unfinished(olga, 'QUEUED', 0, 5);
    await runTask('exports.purge');
    expect(await stateOf(olga, id)).toBe('QUEUED');
    await app.sql.query(`UPDATE data_exports SET created_at = now() - interval '7 hours' WHERE id = $1`, [id]);
    await runTask('exports.purge');
    expect(await stateOf(olga, id)).toBe('FAILED');
    expect((await request(olga)).userErrors).toEqual([]);
    await app.jobsDone();
  });

  it('is not made for an account that is gone, whose copies are removed with it', async () => {
    const paul = await newOwner(app, 'paul');
    const made = await make(app, paul);
    const id = await unfinished(paul, 'QUEUED', 0, 0);
    await app.sql.query('UPDATE users SET deleted_at = now() WHERE id = $1', [paul.uuid]);
    await runTask('exports.make', { userId: paul.uuid, exportId: id });
    expect((await fetch(here(app, made.url))).status).toBe(404);
    const { rows } = await app.sql.query('SELECT state FROM data_exports WHERE user_id = $1 ORDER BY id', [paul.uuid]);
    expect(rows).toEqual([{ state: 'DONE' }, { state: 'QUEUED' }]);
    await new PostgresDatabase(app.sql).transaction((tx) => removeExportsOf(tx, paul.uuid));
    for (const table of ['data_exports', 'data_export_parts']) {
      expect((await app.sql.query(`SELECT FROM ${table} WHERE user_id = $1`, [paul.uuid])).rowCount).toBe(0);
    }
  });
});

describe('a link to a copy', () => {
  let ada: Owner;
  let url: string;
  let id: string;

  beforeAll(async () => {
    ada = await newOwner(app, 'linda');
    const made = await make(app, ada);
    id = made.id;
    url = here(app, made.url);
  });

  const refused = async (link: string) => {
    const response = await fetch(link);
    const { status, headers } = response;
    return { status, cache: headers.get('cache-control'), body: JSON.parse(await response.text()) };
  };
  const NOTHING = {
    status: 404,
    cache: 'no-store',
    body: { errors: [{ message: NO_EXPORT, extensions: { code: 'NOT_FOUND' } }] },
  };
  const changed = (name: string, value: string) => {
    const link = new URL(url);
    link.searchParams.set(name, value);
    return link.href;
  };

  it('gives out an archive that nothing keeps, shows or guesses the type of, and is noted', async () => {
    const response = await fetch(url);
    const body = Buffer.from(await response.arrayBuffer());
    expect(response.status).toBe(200);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(body.length),
      'content-disposition': expect.stringMatching(/^attachment; filename="data-export-\d{4}-\d\d-\d\d\.zip"$/),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    expect((await read(ada, id))?.sizeBytes).toBe(body.length);
    const { rows } = await app.sql.query(
      `SELECT count(*)::int AS n FROM audit_events WHERE kind = 'export.downloaded' AND user_id = $1`,
      [ada.uuid],
    );
    expect(rows[0].n).toBe(1);
  });

  it('is refused alike when it is unknown, tampered with, for another export, or without a signature', async () => {
    const other = await newOwner(app, 'other');
    const theirs = await make(app, other);
    const second = await make(app, ada);
    // Ids are one person's each; whoever signed for less than both would be found out by these.
    await app.sql.query(
      `INSERT INTO data_exports SELECT e.user_id, $2, e.session_id, e.state, e.attempts, e.size_bytes, e.created_at, e.expires_at
       FROM data_exports e WHERE e.user_id = $1`,
      [other.uuid, decodeId(id)?.uuid],
    );
    const bare = new URL(url);
    bare.search = '';
    const swapped = new URL(url);
    swapped.pathname = new URL(here(app, theirs.url)).pathname;
    const next = new URL(url);
    next.pathname = new URL(here(app, second.url)).pathname;
    const until = Number(new URL(url).searchParams.get('until'));
    const signature = new URL(url).searchParams.get('signature') ?? '';
    for (const link of [
      `${app.url}/exports/nonsense`,
      bare.href,
      swapped.href,
      next.href,
      changed('until', String(until + 1)),
      changed('until', `${until}.0`),
      changed('owner', other.id),
      changed(
        'signature',
        signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
      ),
      changed('signature', 'é'.repeat(signature.length)),
      changed('signature', ''),
      `${url}&signature=${signature}`,
    ]) {
      expect(await refused(link)).toEqual(NOTHING);
    }
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(404);
  });

  it('is another one at each read, which ends by itself after some minutes', async () => {
    const again = (await read(ada, id))?.url ?? '';
    const ends = Number(new URL(again).searchParams.get('until')) * 1_000 - Date.now();
    expect(ends).toBeGreaterThan(14 * 60_000);
    expect(ends).toBeLessThanOrEqual(15 * 60_000);
    const now = jest.spyOn(Date, 'now').mockReturnValue(Date.now() + ends + 1_000);
    try {
      expect(await refused(here(app, again))).toEqual(NOTHING);
    } finally {
      now.mockRestore();
    }
    expect((await fetch(here(app, again))).status).toBe(200);
  });

  it('is for the session that asked alone, and ends with it', async () => {
    const elsewhere = await signInAgain(app, ada);
    expect(await read(elsewhere, id)).toMatchObject({ id, state: 'DONE', url: null });
    const list = '{ viewer { dataExports { nodes { id url } } } }';
    const pages =
      'query ($after: String) { viewer { dataExports(first: 1, after: $after) { nodes { id } pageInfo { hasNextPage endCursor } } } }';
    const first = (await elsewhere.ask(pages)).viewer.dataExports;
    expect(first.pageInfo.hasNextPage).toBe(true);
    const rest = (await elsewhere.ask(pages, { after: first.pageInfo.endCursor })).viewer.dataExports;
    expect(rest).toMatchObject({ nodes: [{ id }], pageInfo: { hasNextPage: false } });
    expect((await elsewhere.ask(list)).viewer.dataExports.nodes).toContainEqual({ id, url: null });
    await app.sql.query('UPDATE sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL', [ada.uuid]);
    expect(await refused(url)).toEqual(NOTHING);
    await app.sql.query('UPDATE sessions SET revoked_at = NULL WHERE user_id = $1', [ada.uuid]);
    expect((await fetch(url)).status).toBe(200);
  });

  it('shows nobody else that there is an export', async () => {
    const eve = await newOwner(app, 'eve');
    expect(await read(eve, id)).toBeNull();
    const anonymous = await app.ok('query ($id: ID!) { node(id: $id) { id } }', { id });
    expect(anonymous.node).toBeNull();
    expect((await eve.ask('{ viewer { dataExports { nodes { id } } } }')).viewer.dataExports.nodes).toEqual([]);
  });

  it('is counted by address, as other requests with a secret are', async () => {
    const few = await startTestApp({ databaseUrl: app.databaseUrl, env: { ATTEMPTS_MAX: '2', JOBS_CONCURRENCY: '0' } });
    try {
      const link = url.replace(app.url, few.url);
      expect((await fetch(link)).status).toBe(200);
      expect((await fetch(`${few.url}/exports/x`)).status).toBe(404);
      const { status, body } = await refused(link);
      expect({ status, code: body.errors[0].extensions.code }).toEqual({ status: 429, code: 'RATE_LIMITED' });
    } finally {
      await few.close();
    }
  });

  it('ends with the copy, whose bytes are then removed, and the copy a day after it was asked for', async () => {
    await app.sql.query(EXPIRE, [ada.uuid]);
    expect(await read(ada, id)).toMatchObject({ state: 'DONE', url: null });
    expect(await refused(url)).toEqual(NOTHING);
    await runTask('exports.purge');
    expect((await app.sql.query('SELECT FROM data_export_parts WHERE user_id = $1', [ada.uuid])).rowCount).toBe(0);
    expect(await read(ada, id)).toMatchObject({ state: 'DONE' });
    const place = (await ada.ask('{ viewer { sync { cursor } } }')).viewer.sync.cursor;
    await app.sql.query(`UPDATE data_exports SET created_at = now() - interval '25 hours' WHERE user_id = $1`, [
      ada.uuid,
    ]);
    await runTask('exports.purge');
    expect(await read(ada, id)).toBeNull();
    const sync = `query ($after: Cursor) { viewer { sync(after: $after) { changes {
      ... on NodeRemoved { nodeId typename reason } } } } }`;
    expect((await ada.ask(sync, { after: place })).viewer.sync.changes).toContainEqual({
      ...{ nodeId: id, typename: 'DataExport', reason: 'DELETED' },
    });
  });
});
