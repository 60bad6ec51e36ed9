import { beginHistory, ensureHistory } from '../../src/commands/epoch';
import { StartFault } from '../../src/commands/start-fault';
import { loadConfig } from '../../src/config';
import { createLog } from '../../src/platform/telemetry/log';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { readLog } from '../support/change-log';
import { createEmptyDatabase } from '../support/database';
import { publish } from '../support/verbs';

const config = loadConfig({ NODE_ENV: 'test' });
const log = createLog({ level: 'silent', format: 'json' });

let app: TestApp;
let ada: Person;

beforeAll(async () => {
  app = await startTestApp({ env: { CHANGES_RETENTION_DAYS: '7' } });
  ada = await app.person('ada');
});
afterAll(() => app.close());

describe('entries of the change log', () => {
  it('are removed by a job after CHANGES_RETENTION_DAYS, and their numbers are never given again', async () => {
    for (const text of ['Old', 'Young']) await publish(app, ada, text);
    await app.sql.query(
      `UPDATE change_entries SET created_at = created_at - CASE seq WHEN 1 THEN 169 ELSE 167 END * interval '1 hour'`,
    );
    await app.sql.query(`SELECT graphile_worker.add_job('changes.purge')`);
    await app.jobsDone();
    expect((await readLog(app, ada)).map(({ seq }) => seq)).toEqual([2]);
    await publish(app, ada, 'New');
    expect((await readLog(app, ada)).map(({ seq }) => seq)).toEqual([2, 3]);
  });

  it('are looked at for that every hour', async () => {
    const { rows } = await app.sql.query('SELECT identifier FROM graphile_worker._private_known_crontabs');
    expect(rows.map(({ identifier }) => identifier)).toContain('changes.purge');
  });
});

describe('the history of the change logs', () => {
  const epochs = async () => (await app.sql.query('SELECT epoch FROM change_log_epochs ORDER BY since')).rows;
  /** The cursor of an edit: it names the history. */
  const cursorOf = async (text: string) => {
    const post = `mutation($text: String!) { createPost(input: { text: $text, clientMutationId: $text }) { cursor } }`;
    return (await app.ok(post, { text }, ada)).createPost.cursor;
  };

  it('begins when the service starts for the first time, once for processes that start together', async () => {
    const [first, ...others] = await epochs();
    expect([first, others]).toEqual([{ epoch: expect.any(String) }, []]);
    await app.sql.query('DELETE FROM change_log_epochs');
    await Promise.all(Array.from({ length: 4 }, () => ensureHistory(app.databaseUrl, config, log)));
    expect(await epochs()).toHaveLength(1);
    expect(await epochs()).not.toEqual([first]);
  });

  it('goes on when the service starts again', async () => {
    const before = await epochs();
    const again = await startTestApp({ databaseUrl: app.databaseUrl });
    await again.close();
    expect(await epochs()).toEqual(before);
  });

  it('ends by the command, and with it what cursors say', async () => {
    const before = await cursorOf('Before');
    expect(await cursorOf('Before')).toBe(before);
    await beginHistory(app.databaseUrl, config, log);
    expect(await epochs()).toHaveLength(2);
    // The same place, answered again, but in another history.
    expect(await cursorOf('Before')).not.toBe(before);
  });

  it('ends when the rows have come into another cluster', async () => {
    await app.sql.query(`UPDATE change_log_epochs SET system_identifier = '1'`);
    const before = await epochs();
    await ensureHistory(app.databaseUrl, config, log);
    expect(await epochs()).toHaveLength(before.length + 1);
    await ensureHistory(app.databaseUrl, config, log);
    expect(await epochs()).toHaveLength(before.length + 1);
  });

  it('is not begun in a database that lacks its tables, with a remedy', async () => {
    const empty = await createEmptyDatabase();
    const fault = await beginHistory(empty.url, config, log).catch((error) => error);
    await empty.drop();
    expect(fault).toBeInstanceOf(StartFault);
    expect(fault.remedy).toContain('npm run migrate');
  });
});
