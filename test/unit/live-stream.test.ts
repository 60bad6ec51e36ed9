import { buildSchema, parse } from 'graphql';
import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { eventSource, type LiveSource, type LiveStream, openLive } from '../../src/graphql/live';
import { NO_DATABASE } from '../support/bare-schema';

interface Event {
  readonly text: string;
}

const EVENTS = 100;
const WAITING_MAX_BYTES = 10_000;

/** A subscription to events with a text of so many characters each, all there from the beginning. */
async function follow(length: number, count = EVENTS) {
  const events = Array.from({ length: count }, (_, n) => ({ text: String(n).padEnd(length, '.') }));
  let read: readonly Event[] | null = events;
  const source: LiveSource<Event> = {
    async next() {
      const some = read;
      read = null;
      return some;
    },
    close() {},
  };
  const schema = buildSchema('type Query { text: String } type Subscription { text: String }');
  const made: string[] = [];
  const context = () => new RequestContext(NO_DATABASE, nobody('request'));
  const stream = await openLive(
    {
      args: {
        schema,
        document: parse('subscription { text }'),
        subscribeFieldResolver: () => eventSource(source),
      } as Parameters<typeof openLive>[0]['args'],
      viewer: null,
      openContext: context,
      shared: null,
      present: (result) => {
        made.push(String(result.data?.['text']));
        return JSON.stringify(result);
      },
      waitingMaxBytes: WAITING_MAX_BYTES,
      onFault: (error) => {
        throw error;
      },
    },
    context(),
  );
  return { stream: stream as LiveStream, made, events };
}

describe('the events that wait for a client', () => {
  it('are bounded in bytes once their size is known', async () => {
    const length = 3_000;
    const { stream, made, events } = await follow(length);
    const handed: string[] = [];
    let most = 0;
    for (let frame = await stream.next(); frame; frame = await stream.next()) {
      handed.push(JSON.parse(frame.payload).data.text);
      // Some of the first were made in vain, before their size was known.
      if (handed.length > 10) most = Math.max(most, new Set(made).size - handed.length);
    }
    expect(handed).toEqual(events.map(({ text }) => text));
    expect((most + 1) * length).toBeLessThanOrEqual(WAITING_MAX_BYTES);
  });

  it('are made one by one when one alone is larger than the bound', async () => {
    const { stream, made, events } = await follow(WAITING_MAX_BYTES * 2);
    let handed = 0;
    while (await stream.next()) {
      handed += 1;
      if (handed > 10) expect(new Set(made).size).toBe(handed);
    }
    expect(handed).toBe(events.length);
    // Of the first four, three were made again rather than kept.
    expect(made).toHaveLength(events.length + 3);
  });

  it('are made many at a time when they are small, in fewer steps than there are events', async () => {
    const { stream, made, events } = await follow(1);
    let steps = 0;
    for (let before = 0; await stream.next(); before = made.length) if (made.length > before) steps += 1;
    expect(made).toEqual(events.map(({ text }) => text));
    expect(steps).toBeLessThan(10);
  });
});

describe('events that wait for nothing but each other', () => {
  it('let the event loop turn while they are handed out', async () => {
    const { stream } = await follow(10, 5_000);
    let turns = 0;
    let turning = true;
    const turn = () => {
      turns += 1;
      if (turning) setImmediate(turn);
    };
    setImmediate(turn);
    for (let frame = await stream.next(); frame; ) frame = await stream.next();
    turning = false;
    expect(turns).toBeGreaterThan(1);
  });
});
