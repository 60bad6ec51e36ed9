import { decodeId } from '../../src/kernel/ids';
import { startTestApp, type TestApp } from '../support/app';
import { here, make, newOwner, type Owner, read, signInAgain, statusOf } from '../support/data-exports';

const NO_EXPORT = 'There is nothing here, or this link has ended. Ask for another one.';
const EXPIRE = `UPDATE data_exports SET expires_at = now() - interval '1 second' WHERE user_id = $1`;

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { EXPORTS_PER_DAY: '2' } });
});
afterAll(() => app.close());

const purge = async () => {
  await app.sql.query(`SELECT graphile_worker.add_job('exports.purge')`);
  await app.jobsDone();
};

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
    expect(await statusOf(url, 'HEAD')).toBe(404);
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
    expect(await statusOf(here(app, again))).toBe(200);
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
    expect(await statusOf(url)).toBe(200);
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
      expect(await statusOf(link)).toBe(200);
      expect(await statusOf(`${few.url}/exports/x`)).toBe(404);
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
    await purge();
    expect((await app.sql.query('SELECT FROM data_export_parts WHERE user_id = $1', [ada.uuid])).rowCount).toBe(0);
    expect(await read(ada, id)).toMatchObject({ state: 'DONE' });
    const place = (await ada.ask('{ viewer { sync { cursor } } }')).viewer.sync.cursor;
    await app.sql.query(`UPDATE data_exports SET created_at = now() - interval '25 hours' WHERE user_id = $1`, [
      ada.uuid,
    ]);
    await purge();
    expect(await read(ada, id)).toBeNull();
    const sync = `query ($after: Cursor) { viewer { sync(after: $after) { changes {
      ... on NodeRemoved { nodeId typename reason } } } } }`;
    expect((await ada.ask(sync, { after: place })).viewer.sync.changes).toContainEqual({
      ...{ nodeId: id, typename: 'DataExport', reason: 'DELETED' },
    });
  });
});
