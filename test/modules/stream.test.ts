import { type Person, startTestApp, type TestApp } from '../support/app';
import { digBlackHole } from '../support/black-hole';
import {
  type ChangeStream,
  effectOf,
  followChanges,
  type Item,
  overEventSource,
  placeNow,
  type SyncArguments,
  syncPage,
} from '../support/change-stream';
import { eventually } from '../support/interleaving';
import { mutate, publish, relate, remove } from '../support/verbs';

const TRANSPORTS = ['websocket', 'sse'] as const;
/** Of the long run: `npm run test:long`. */
const MOMENTS = Number(process.env['STREAM_MOMENTS'] ?? 25);
const MOMENTS_AT_ONCE = 25;
const MOMENTS_DEADLINE_MS = 30_000 + MOMENTS * 300;

let app: TestApp;
let streams: ChangeStream[] = [];
let handles = 0;
beforeAll(async () => {
  app = await startTestApp({ env: { LIVE_POLL_MS: '300' } });
});
afterEach(() => {
  for (const stream of streams) stream.stop();
  streams = [];
});
afterAll(() => app.close());

function somebody(): Promise<Person> {
  handles += 1;
  return app.person(`streamer${handles}`);
}

function follow(by: (typeof TRANSPORTS)[number], as: Person, args: SyncArguments = {}): ChangeStream {
  const stream = followChanges(app, by, as, args);
  streams.push(stream);
  return stream;
}

const effects = (items: readonly Item[]) => items.map(effectOf);

describe.each(TRANSPORTS)('stream over %s', (by) => {
  it('begins with where it goes on, brings what is behind it, then what comes, each once and in order', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    const posts = [await publish(app, ada), await publish(app, ada), await publish(app, ada)];
    const stream = follow(by, ada, { after: place });
    const [ready] = await stream.first(4);
    expect(ready).toMatchObject({ __typename: 'StreamReady', recovered: true, cursor: place });
    posts.push(await publish(app, ada), await publish(app, ada));
    await remove(app, ada, posts[0] as string);
    const items = await stream.first(7);
    expect(effects(items.slice(1))).toEqual([...posts.map((id) => `+ ${id}`), `- ${posts[0]} DELETED`]);
    expect((await syncPage(app, ada, { after: items.at(-1)?.cursor ?? null })).changes).toEqual([]);
  });

  it('begins from now without a place, and says that it recovers nothing', async () => {
    const ada = await somebody();
    await publish(app, ada);
    const place = await placeNow(app, ada);
    const stream = follow(by, ada);
    const [ready] = await stream.first(1);
    expect(ready).toMatchObject({ __typename: 'StreamReady', recovered: false, cursor: place });
    const postId = await publish(app, ada);
    expect(effects((await stream.first(2)).slice(1))).toEqual([`+ ${postId}`]);
  });

  it('says when it cannot go on, and goes on from the place that it tells', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    await publish(app, ada);
    await publish(app, ada);
    const between = await placeNow(app, ada);
    await app.sql.query('DELETE FROM change_entries WHERE viewer_id = $1', [ada.uuid]);
    const expired = follow(by, ada, { after: place });
    const broken = follow(by, ada, { after: 'nonsense' });
    const current = follow(by, ada, { after: between });
    expect(await expired.first(1)).toMatchObject([{ resetReason: 'CURSOR_EXPIRED', cursor: between }]);
    expect(await broken.first(1)).toMatchObject([{ resetReason: 'CURSOR_INVALID', cursor: between }]);
    expect(await current.first(1)).toMatchObject([{ __typename: 'StreamReady', recovered: true }]);
    const postId = await publish(app, ada);
    for (const stream of [expired, broken, current])
      expect(effects((await stream.first(2)).slice(1))).toEqual([`+ ${postId}`]);
  });

  it('tells a stream that is open when the log goes back behind it', async () => {
    const ada = await somebody();
    await publish(app, ada);
    const stream = follow(by, ada);
    await stream.first(1);
    await app.sql.query('UPDATE change_streams SET last_seq = 0 WHERE viewer_id = $1', [ada.uuid]);
    await app.sql.query('DELETE FROM change_entries WHERE viewer_id = $1', [ada.uuid]);
    expect((await stream.first(2))[1]).toMatchObject({ __typename: 'StreamReset', resetReason: 'CURSOR_INVALID' });
    const postId = await publish(app, ada);
    expect(effects((await stream.first(3)).slice(2))).toEqual([`+ ${postId}`]);
  });

  it('moves the place of a stream whose parts are not concerned', async () => {
    const ada = await somebody();
    const stream = follow(by, ada, { scopes: ['PROFILE'] });
    await stream.first(1);
    await publish(app, ada);
    const [, tick] = await stream.first(2);
    expect(tick).toEqual({
      __typename: 'StreamTick',
      cursor: await placeNow(app, ada),
      serverTime: expect.any(String),
    });
    await mutate(app, ada, 'updateProfile', { name: 'Ada II' });
    expect((await stream.first(3))[2]).toMatchObject({ scope: 'PROFILE', node: { name: 'Ada II' } });
  });

  it('hides from an open stream what its viewer may see no longer', async () => {
    const [ada, ben] = [await somebody(), await somebody()];
    await relate(app, ben, ada, { following: true });
    await app.jobsDone();
    const postId = await publish(app, ada);
    await app.jobsDone();
    const stream = follow(by, ben);
    await stream.first(1);
    await relate(app, ada, ben, { blocking: true });
    await app.jobsDone();
    await eventually('the post is gone', () => effects(stream.items).includes(`- ${postId} HIDDEN`));
    expect(effects(stream.items)).toContain(`- ${ada.id} HIDDEN`);
    await publish(app, ada, 'Behind the block');
    const own = await publish(app, ben);
    await eventually('an own post comes', () => effects(stream.items).includes(`+ ${own}`));
    expect(JSON.stringify(stream.items)).not.toContain('Behind the block');
  });

  it('is for the signed-in', async () => {
    const ada = await somebody();
    const nobody = { ...ada, token: '' };
    const stream = followChanges(app, by, nobody);
    streams.push(stream);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(stream.items).toEqual([]);
  });

  it('catches up with thousands of changes by few statements', async () => {
    const ada = await somebody();
    const place = await placeNow(app, ada);
    const postId = await publish(app, ada);
    const size = 3_000;
    await app.sql.query(
      `INSERT INTO change_entries (viewer_id, seq, scope, kind, node_id, created_at)
       SELECT viewer_id, seq + i, scope, kind, gen_random_uuid(), created_at FROM change_entries, generate_series(1, $2) AS i
       WHERE viewer_id = $1`,
      [ada.uuid, size],
    );
    await app.sql.query('UPDATE change_streams SET last_seq = last_seq + $2 WHERE viewer_id = $1', [ada.uuid, size]);
    const stream = follow(by, ada, { after: place });
    const items = await stream.first(size + 2);
    expect(items[1]).toMatchObject({ node: { id: postId } });
    stream.stop();
    const line = await eventually('the subscription is logged', () =>
      app.log.findLast(
        (each) => each.msg === 'operation' && each['type'] === 'subscription' && each['viewer'] === ada.uuid,
      ),
    );
    expect(Number(line['statements'])).toBeLessThan(size / 20);
  });
});

describe('streams', () => {
  it(
    'miss nothing from the cursor of a query that was made while everything changed',
    async () => {
      for (let moments = 0; moments < MOMENTS; moments += MOMENTS_AT_ONCE) await joinWhileWriting(MOMENTS_AT_ONCE);
    },
    MOMENTS_DEADLINE_MS,
  );

  async function joinWhileWriting(size: number): Promise<void> {
    const ada = await somebody();
    const query = '{ viewer { sync { cursor } feed(first: 100) { nodes { id } } } }';
    const published: string[] = [];
    let writing = true;
    const writer = (async () => {
      while (writing) published.push(await publish(app, ada, 'Still going'));
    })();
    const clients = await Promise.all(
      Array.from({ length: size }, async (_, i) => {
        await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000));
        const { sync, feed } = (await app.ok(query, {}, ada)).viewer;
        const seen: string[] = feed.nodes.map(({ id }: { id: string }) => id);
        return { seen, stream: follow(TRANSPORTS[i % 2] ?? 'sse', ada, { after: sync.cursor }) };
      }),
    );
    writing = false;
    await writer;
    const last = await publish(app, ada, 'The last one');
    published.push(last);
    for (const { seen, stream } of clients) {
      await eventually('the last post has come', () => stream.items.some(({ node }) => node?.id === last));
      const came = stream.items.flatMap(({ node }) => node?.id ?? []);
      expect(new Set(came).size).toBe(came.length);
      const oldest = seen.at(-1) ?? '';
      const known = new Set([...seen, ...came]);
      expect(published.filter((id) => id >= oldest && !known.has(id))).toEqual([]);
      stream.stop();
    }
  }

  it('of one viewer are read once for all, and cost nothing while nothing changes', async () => {
    const ada = await somebody();
    const opened = Array.from({ length: 8 }, () => follow('websocket', ada));
    await Promise.all(opened.map((stream) => stream.first(1)));
    const reads = async () =>
      Number(
        (
          await app.sql.query(
            `SELECT seq_scan + idx_scan AS n FROM pg_stat_user_tables WHERE relname = 'change_entries'`,
          )
        ).rows[0].n,
      );
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = await reads();
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    expect((await reads()) - before).toBe(0);
  });

  it('go on by themselves over an EventSource whose connection is cut', async () => {
    const ada = await somebody();
    const came: Item[] = [];
    const line = await digBlackHole(Number(new URL(app.url).port));
    const url = `http://127.0.0.1:${line.port}`;
    const stop = overEventSource(url, ada, { after: await placeNow(app, ada) }, ({ data }) => {
      if (data) came.push(data.stream);
    });
    try {
      await eventually('the stream is open', () => came.length === 1);
      const posts = [await publish(app, ada)];
      await eventually('the first post has come', () => came.length === 2);
      // The EventSource comes back with its last id.
      line.cut();
      posts.push(await publish(app, ada), await publish(app, ada));
      await eventually('the rest has come', () => came.some(({ node }) => node?.id === posts[2]));
      const nodes = came.flatMap(({ node }) => node?.id ?? []);
      expect(nodes).toEqual(posts);
      expect(came.filter(({ recovered }) => recovered === true).length).toBeGreaterThan(1);
    } finally {
      stop();
      await line.close();
    }
  });
});
