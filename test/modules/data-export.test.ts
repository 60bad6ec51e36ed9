import { startTestApp, type TestApp } from '../support/app';
import { make, newOwner, REQUEST, request } from '../support/data-exports';

let app: TestApp;

beforeAll(async () => {
  app = await startTestApp({ env: { EXPORTS_PER_DAY: '2', EXPORT_MAX_BYTES: '400000' } });
});
afterAll(() => app.close());

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
    await app.jobsDone();
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
