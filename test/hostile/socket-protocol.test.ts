import { once } from 'node:events';
import WebSocket from 'ws';
import { type Person, startTestApp, type TestApp } from '../support/app';
import { COMMENT_ADDED, countReaders, type ReaderCount, socketUrl } from '../support/comment-stream';
import { eventually } from '../support/interleaving';
import { openRawSocket } from '../support/raw-socket';
import { comment, publish } from '../support/verbs';

const VIEWER = '{ viewer { id } }';

let app: TestApp;
let ada: Person;
let postId: string;
let readers: ReaderCount;
let printed: jest.SpyInstance[];

beforeAll(async () => {
  readers = countReaders();
  printed = [
    jest.spyOn(process.stderr, 'write'),
    jest.spyOn(console, 'error').mockImplementation(() => {}),
    jest.spyOn(console, 'warn').mockImplementation(() => {}),
  ];
  app = await startTestApp({ env: { SOCKET_OPERATIONS_PER_SECOND: '1000', SOCKET_MESSAGES_PER_SECOND: '1000' } });
  ada = await app.person('ada');
  postId = await publish(app, ada);
});
afterEach(async () => {
  for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  // Faults of clients are no faults of the service.
  expect(app.log.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  expect((await app.query(VIEWER)).status).toBe(200);
});
afterAll(async () => {
  await app.close();
  for (const spy of printed) spy.mockRestore();
});

describe('a client that breaks the protocol', () => {
  it.each<[string, unknown, number]>([
    ['next', { id: '1', type: 'next', payload: { data: null } }, 4400],
    ['error', { id: '1', type: 'error', payload: [{ message: 'x' }] }, 4400],
    ['connection_ack', { type: 'connection_ack' }, 4400],
    ['a type that nobody knows', { type: 'subscription' }, 4400],
    ['a second connection_init', { type: 'connection_init' }, 4429],
    ['a complete without an id', { type: 'complete' }, 4400],
    ['a payload of a ping that is no object', { type: 'ping', payload: 'Bearer x' }, 4400],
    ['a number', 5, 4400],
    ['null', null, 4400],
  ])('by sending %s is closed with the right code', async (_, message, code) => {
    const { socket, closed } = await openRawSocket(app);
    socket.send(JSON.stringify(message));
    expect((await closed).code).toBe(code);
  });

  it.each<[string, object, number]>([
    ['subscribes', { id: '1', type: 'subscribe', payload: { query: VIEWER } }, 4401],
    ['answers', { type: 'connection_ack' }, 4400],
  ])('by what it %s before connection_init is closed with the right code', async (_, message, code) => {
    const socket = new WebSocket(socketUrl(app), 'graphql-transport-ws');
    await once(socket, 'open');
    socket.send(JSON.stringify(message));
    expect((await once(socket, 'close'))[0]).toBe(code);
  });

  it('is cut three seconds after it was told to close and does not', async () => {
    const { socket } = await openRawSocket(app);
    socket.pause();
    const since = performance.now();
    socket.send('nonsense');
    await eventually('it is cut', async () => {
      socket.resume();
      return socket.readyState === WebSocket.CLOSED;
    });
    expect(performance.now() - since).toBeLessThan(5_000);
  });
});

describe('an id', () => {
  it('may be used again once its operation was completed', async () => {
    const { socket, say, subscribe, hear, messages } = await openRawSocket(app);
    for (let round = 0; round < 20; round += 1) {
      subscribe('same', COMMENT_ADDED, { postId });
      say({ type: 'complete', id: 'same' });
    }
    subscribe('same', VIEWER);
    await hear('the last one answers', ({ type, payload }) => type === 'next' && payload.data.viewer === null);
    socket.terminate();
    expect(messages.filter(({ type }) => type === 'complete').length).toBeLessThanOrEqual(1);
    await eventually('none is left behind', () => readers.active === 0);
  });

  it('that is used again and again carries no more than are allowed, and nothing outlives the socket', async () => {
    const { socket, say, subscribe } = await openRawSocket(app);
    const most = { readers: 0 };
    for (let round = 0; round < 200; round += 1) {
      subscribe(`${round % 7}`, COMMENT_ADDED, { postId });
      say({ type: 'complete', id: `${round % 7}` });
      if (round % 20 === 0) await comment(app, ada, postId, `${round}`);
      most.readers = Math.max(most.readers, readers.active);
    }
    expect(most.readers).toBeLessThanOrEqual(50);
    socket.terminate();
    await eventually('none is left behind', () => readers.active === 0);
  });
});
