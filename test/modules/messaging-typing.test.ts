import { encodeId, newId } from '../../src/kernel/ids';
import { TypingService } from '../../src/modules/messaging/typing.service';
import { PostgresDatabase } from '../../src/platform/postgres/database';
import { createLocalDoorbell } from '../../src/platform/redis/doorbell';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { type EventStream, TRANSPORTS } from '../support/event-stream';
import { eventually } from '../support/interleaving';
import { followTyping, type Typing } from '../support/message-stream';
import { add, friends, leave, start } from '../support/messaging';
import { sentTexts, watchStatements } from '../support/sent-statements';
import { attempt, block } from '../support/social';
import { mutate } from '../support/verbs';

let one: TestApp;
let other: TestApp;
let ada: Person;
let bob: Person;
let cat: Person;
const streams: EventStream<Typing>[] = [];

beforeAll(async () => {
  const redisUrl = process.env['TEST_REDIS_URL'];
  const env = { LIVE_POLL_MS: '600000', REDIS_URL: redisUrl ?? '' };
  one = await startTestApp({ env });
  // Without Redis there is one process only, and nothing to hear from another.
  other = redisUrl ? await startTestApp({ env, databaseUrl: one.databaseUrl }) : one;
});
beforeEach(async () => {
  [ada, bob, cat] = await friends(one);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.stop();
});
afterAll(async () => {
  if (other !== one) await other.close();
  await one.close();
});

const type = (by: Person, conversationId: string) => attempt(one, by, 'setTyping', { conversationId });
const typists = ({ added }: EventStream<Typing>) => added.map(({ user }) => user.handle);

/** Holds up whoever reads who is in a conversation. */
function holdReadsOfRooms() {
  let release = () => {};
  let waiting = 0;
  const held = new Promise<void>((resolve) => (release = resolve));
  const { rows } = PostgresDatabase.prototype;
  const spy = jest.spyOn(PostgresDatabase.prototype, 'rows');
  spy.mockImplementation(async function (this: PostgresDatabase, statement) {
    if (statement.text.includes('b.blocker_id AS one')) {
      waiting += 1;
      await held;
    }
    return rows.call(this, statement);
  });
  return {
    waiting: () => waiting,
    release() {
      spy.mockRestore();
      release();
    },
  };
}

/** Follows, and waits until signals arrive. */
async function follow(app: TestApp, as: Person, id: string, by: Person, transport = TRANSPORTS[0] ?? 'websocket') {
  const stream = followTyping(app, transport, as, id);
  streams.push(stream);
  await eventually('a signal arrives', async () => {
    await type(by, id);
    return stream.added.length > 0;
  });
  return stream;
}

describe('who is typing', () => {
  it.each(TRANSPORTS)('is told to the others in every process, over %s', async (transport) => {
    const id = await start(one, ada, [bob, cat]);
    const stream = await follow(other, bob, id, ada, transport);
    expect(stream.added[0]?.user.handle).toBe(ada.handle);
    const seconds = (Date.parse(stream.added[0]?.until ?? '') - Date.now()) / 1_000;
    expect(seconds).toBeGreaterThan(1);
    expect(seconds).toBeLessThan(10);
    await type(bob, id);
    await type(cat, id);
    await eventually('cat is seen', () => typists(stream).includes(cat.handle));
    expect(typists(stream)).not.toContain(bob.handle);
  });

  it('is no business of strangers, of who has left, and of who has not answered a request', async () => {
    const eve = await one.person(`${ada.handle}_eve`);
    const id = await start(one, ada, [bob, cat]);
    const stream = await follow(one, bob, id, ada);
    await add(one, ada, id, eve);
    await leave(one, cat, id);
    await type(eve, id);
    await type(cat, id);
    await type(await one.person(`${ada.handle}_stranger`), id);
    await mutate(one, eve, 'answerMessageRequest', { conversationId: id, accept: true });
    await eventually('eve is seen once she takes part', async () => {
      await type(eve, id);
      return typists(stream).includes(eve.handle);
    });
    expect(new Set(typists(stream))).toEqual(new Set([ada.handle, eve.handle]));
  });

  it('is not told of who has just left, while it is still being read who is there', async () => {
    const id = await start(one, ada, [bob, cat]);
    const stream = await follow(one, bob, id, ada);
    const rooms = holdReadsOfRooms();
    await leave(one, cat, id);
    await type(cat, id);
    await eventually('ada says it again', async () => {
      await type(ada, id);
      return rooms.waiting() > 0 && Date.now() > Date.parse(stream.added[0]?.until ?? '') - 4_500;
    });
    expect(typists(stream)).toEqual([ada.handle]);
    rooms.release();
    await eventually('ada is seen again', () => stream.added.length > 1);
    expect(new Set(typists(stream))).toEqual(new Set([ada.handle]));
  });

  it('is not told to those from whom a block hides it', async () => {
    const id = await start(one, ada, [bob, cat]);
    await block(one, ada, bob);
    const stream = await follow(one, bob, id, cat);
    await type(ada, id);
    await eventually('cat is seen again', async () => {
      await type(cat, id);
      return stream.added.length > 1;
    });
    expect(new Set(typists(stream))).toEqual(new Set([cat.handle]));
  });

  it('cannot be followed by others, and no longer by who leaves', async () => {
    const id = await start(one, ada, [bob, cat]);
    const eve = await one.person(`${ada.handle}_eve`);
    for (const nowhere of [id, encodeId('conversation', newId())]) {
      expect((await followTyping(one, 'websocket', eve, nowhere).ended)?.codes).toEqual(['NOT_FOUND']);
    }
    expect((await followTyping(one, 'sse', null, id).ended)?.codes).toEqual(['UNAUTHENTICATED']);
    const stream = await follow(one, bob, id, ada);
    await leave(one, bob, id);
    expect(await stream.ended).toBeNull();
  });

  it('is said without a statement, and without a word on whether there is such a conversation', async () => {
    const id = await start(one, ada, [bob]);
    const queries = watchStatements();
    for (const each of [id, encodeId('conversation', newId())]) expect(await type(ada, each)).toBe('OK');
    expect(await attempt(one, ada, 'setTyping', { conversationId: ada.id })).toBe('INVALID');
    expect(await attempt(one, ada, 'setTyping', { conversationId: id, clientMutationId: '' })).toBe('INVALID');
    expect(await attempt(one, null, 'setTyping', { conversationId: id })).toBe('UNAUTHENTICATED');
    const asked = sentTexts(queries);
    queries.mockRestore();
    expect([asked.length, one.statementsOf('setTyping')]).toEqual([0, 0]);
  });
});

describe('signals of one person in one conversation', () => {
  it('are sent once a second at most', () => {
    let now = 1_000_000;
    const doorbell = createLocalDoorbell();
    const heard: string[] = [];
    doorbell.listen('typing:here', (text) => heard.push(String(text)));
    const service = new TypingService({ ms: () => now, now: () => new Date(now).toISOString() }, doorbell);
    const [viewer, friend] = ['ada', 'bob'].map((userId) => ({ userId, sessionId: 's' }));
    if (!viewer || !friend) throw new Error('nobody');
    for (let n = 0; n < 25; n += 1, now += 100) service.signal(viewer, 'here');
    expect(heard).toHaveLength(3);
    service.signal(friend, 'here');
    service.signal(viewer, 'there');
    expect(heard).toHaveLength(4);
    expect(JSON.parse(heard[0] ?? '')).toEqual({ userId: 'ada', until: new Date(1_006_000).toISOString() });
  });
});
