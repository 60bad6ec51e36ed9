import { once } from 'node:events';
import WebSocket, { type ClientOptions } from 'ws';
import { startTestApp, type TestApp } from '../support/app';
import { socketUrl } from '../support/comment-stream';
import { eventually } from '../support/interleaving';
import { publish } from '../support/verbs';
import { sendBytes } from './raw-http';

const PROTOCOL = 'graphql-transport-ws';
const INIT = JSON.stringify({ type: 'connection_init' });
const PING_BURST = 40;

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: readonly { readonly extensions: { readonly code: string } }[];
}

interface Client {
  readonly socket: WebSocket;
  readonly messages: readonly Message[];
  /** The code with which the service has closed it. */
  readonly closed: Promise<number>;
}

let app: TestApp;
const open: WebSocket[] = [];

beforeAll(async () => {
  app = await startTestApp({ env: { SOCKET_INIT_TIMEOUT_MS: '300' } });
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});
afterAll(() => app.close());

function connect(to: TestApp, options: ClientOptions = {}, protocol: string | string[] = PROTOCOL): Client {
  const socket = new WebSocket(socketUrl(to), protocol, options);
  const messages: Message[] = [];
  open.push(socket);
  socket.on('error', () => {});
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  return { socket, messages, closed: new Promise((resolve) => socket.once('close', resolve)) };
}

async function acknowledged(to: TestApp, payload: object = {}): Promise<Client> {
  const client = connect(to);
  await once(client.socket, 'open');
  client.socket.send(JSON.stringify({ type: 'connection_init', payload }));
  await eventually('the socket is acknowledged', () => client.messages[0]?.type === 'connection_ack');
  return client;
}

function subscribe(id: string | number, query = '{ viewer { id } }', more: object = {}): string {
  return JSON.stringify({ id: String(id), type: 'subscribe', payload: { query, ...more } });
}

function codesOf({ messages }: Client): string[] {
  return messages.flatMap(({ type, payload }) => (type === 'error' ? [payload?.[0]?.extensions.code ?? 'none'] : []));
}

/** A service with limits of its own for one test. */
async function withLimits(env: Record<string, string>, test: (limited: TestApp) => Promise<void>): Promise<void> {
  const limited = await startTestApp({ env: { JOBS_CONCURRENCY: '0', ...env } });
  try {
    await test(limited);
  } finally {
    await limited.close();
  }
}

describe('an upgrade', () => {
  it.each(['https://evil.example.com', 'null', 'file://', 'x', 'http://127.0.0.1:1'])(
    'is refused to a page of the origin %s',
    async (origin) => {
      const { socket } = connect(app, { origin });
      const [error] = await once(socket, 'error');
      expect(String(error)).toContain('401');
    },
  );

  it('is granted to pages of its own origin, of those listed, and to what is no browser', async () => {
    await withLimits({ CORS_ORIGINS: 'https://app.example.com' }, async (listed) => {
      for (const origin of [listed.url, 'https://app.example.com', undefined]) {
        await once(connect(listed, origin === undefined ? {} : { origin }).socket, 'open');
      }
    });
  });

  it('negotiates no compression', async () => {
    const { socket } = connect(app, { perMessageDeflate: true });
    const [response] = await once(socket, 'upgrade');
    expect(response.headers['sec-websocket-extensions']).toBeUndefined();
    expect(socket.extensions).toBe('');
  });

  it.each([
    ['/nothing', 404],
    ['/graphql/stream', 404],
  ])('has no place at %s', async (path) => {
    const socket = new WebSocket(app.url.replace('http', 'ws') + path, PROTOCOL);
    const outcome = await Promise.race([
      once(socket, 'unexpected-response'),
      once(socket, 'close'),
      once(socket, 'error'),
    ]);
    expect(outcome).toBeDefined();
    socket.on('error', () => {});
    socket.terminate();
    expect((await app.query('{ viewer { id } }')).status).toBe(200);
  });

  it('without a subprotocol is closed with 4406, and with none that is served refused', async () => {
    expect(await connect(app, {}, []).closed).toBe(4406);
    for (const protocols of [['graphql-ws'], ['x', 'y']]) {
      const [error] = await once(connect(app, {}, protocols).socket, 'error');
      expect(String(error)).toMatch(/subprotocol/i);
    }
  });
});

describe('a socket', () => {
  it('that does not begin in time is closed with 4408', async () => {
    expect(await connect(app).closed).toBe(4408);
  });

  it('that begins twice is closed with 4429', async () => {
    const { socket, closed } = await acknowledged(app);
    socket.send(INIT);
    expect(await closed).toBe(4429);
  });

  it('that asks before it has begun is closed with 4401', async () => {
    const { socket, closed } = connect(app);
    await once(socket, 'open');
    socket.send(subscribe(1));
    expect(await closed).toBe(4401);
  });

  it.each([
    ['no JSON', '{'],
    ['a list of operations', `[${subscribe(1)},${subscribe(2)}]`],
    ['a batch as payload', '{"type":"subscribe","id":"1","payload":[{"query":"{ viewer { id } }"}]}'],
    ['a document that is no text', subscribe(1, 5 as unknown as string)],
    ['variables that are a list', subscribe(1, undefined, { variables: [] })],
    ['a name that is a number', subscribe(1, undefined, { operationName: 5 })],
    ['extensions that are text', subscribe(1, undefined, { extensions: 'x' })],
    ['no id', '{"type":"subscribe","payload":{"query":"{ viewer { id } }"}}'],
    ['bytes', Buffer.from([0, 1, 2, 255])],
  ])('that sends %s is closed with 4400', async (_, message) => {
    const { socket, closed } = await acknowledged(app);
    socket.send(message);
    expect(await closed).toBe(4400);
  });

  it('that uses an id twice at once is closed with 4409', async () => {
    const ada = await app.person('ada_twice');
    const postId = await publish(app, ada);
    const { socket, closed } = await acknowledged(app);
    const follow = subscribe(1, `subscription { commentAdded(postId: "${postId}") { cursor } }`);
    socket.send(follow);
    socket.send(follow);
    expect(await closed).toBe(4409);
  });

  it('cannot reach a prototype by the names in a message', async () => {
    const client = await acknowledged(app);
    for (const id of ['__proto__', 'constructor', 'toString']) client.socket.send(subscribe(`x${id}`));
    client.socket.send(
      `{"type":"subscribe","id":"1","payload":{"query":"{ viewer { id } }","variables":{"__proto__":{"polluted":1}},"__proto__":{"polluted":1}}}`,
    );
    await eventually(
      'all are answered',
      () => client.messages.filter(({ type }) => type === 'complete' || type === 'error').length === 4,
    );
    expect({}).not.toHaveProperty('polluted');
  });

  it('that sends a message above 64 KiB is closed with 1009, and nothing is printed', async () => {
    const printed = jest.spyOn(console, 'error').mockImplementation(() => {});
    for (const message of [subscribe(1, `{ viewer { id } } #${'x'.repeat(65_536)}`), Buffer.alloc(10_000_000)]) {
      const { socket, closed } = await acknowledged(app);
      socket.send(message);
      expect(await closed).toBe(1009);
    }
    expect(printed).not.toHaveBeenCalled();
    printed.mockRestore();
  });

  it('that adds up a message above 64 KiB from small frames is closed with 1009', async () => {
    const { socket, closed } = await acknowledged(app);
    for (let i = 0; i < 20; i += 1) socket.send('x'.repeat(5_000), { fin: false });
    expect(await closed).toBe(1009);
  });

  it('that speaks another protocol after the upgrade is closed, and the service lives', async () => {
    const key = Buffer.alloc(16).toString('base64');
    const upgrade = `GET /graphql HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: ${key}\r\nsec-websocket-protocol: ${PROTOCOL}\r\n\r\n`;
    for (const noise of ['GET / HTTP/1.1\r\n\r\n', '\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff', '\x81\x7f']) {
      expect((await sendBytes(app, [upgrade, noise], 50)).status).toBe(101);
    }
    expect((await app.query('{ viewer { id } }')).status).toBe(200);
  });
});

describe('a socket that asks for much', () => {
  it('carries 50 operations at once; the 51st is refused', async () => {
    await withLimits({ SOCKET_OPERATIONS_PER_SECOND: '1000', SOCKET_MESSAGES_PER_SECOND: '1000' }, async (limited) => {
      const post = await publish(limited, await limited.person('bob_many'));
      const client = await acknowledged(limited);
      for (let i = 0; i < 51; i += 1) {
        client.socket.send(subscribe(i, `subscription { commentAdded(postId: "${post}") { cursor } }`));
      }
      await eventually('one is refused', () => codesOf(client).length > 0);
      expect(codesOf(client)).toEqual(['RATE_LIMITED']);
      expect(client.messages.find(({ type }) => type === 'error')?.id).toBe('50');
      client.socket.send(JSON.stringify({ type: 'complete', id: '0' }));
      client.socket.send(subscribe('again'));
      await eventually('there is room again', () =>
        client.messages.some(({ id, type }) => id === 'again' && type === 'next'),
      );
    });
  });

  it('too fast is told to slow down', async () => {
    await withLimits({ SOCKET_OPERATIONS_PER_SECOND: '5' }, async (limited) => {
      const client = await acknowledged(limited);
      for (let i = 0; i < 30; i += 1) client.socket.send(subscribe(i));
      await eventually('all are answered', () => client.messages.filter(({ type }) => type !== 'complete').length > 30);
      const refused = codesOf(client);
      expect(new Set(refused)).toEqual(new Set(['RATE_LIMITED']));
      expect(refused.length).toBeGreaterThanOrEqual(15);
      expect(client.socket.readyState).toBe(WebSocket.OPEN);
    });
  });

  it.each<[string, (socket: WebSocket) => void]>([
    ['messages', (socket) => socket.send('{"type":"ping"}')],
    ['operations', (socket) => socket.send(subscribe(Math.random()))],
    ['ends of operations', (socket) => socket.send('{"type":"complete","id":"x"}')],
    ['pings', (socket) => socket.ping()],
    ['pongs', (socket) => socket.pong()],
  ])('in a flood of %s is closed with 4429', async (_, send) => {
    await withLimits({ SOCKET_MESSAGES_PER_SECOND: '10' }, async (limited) => {
      const { socket, closed } = await acknowledged(limited);
      for (let i = 0; i < PING_BURST; i += 1) send(socket);
      expect(await closed).toBe(4429);
    });
  });
});

describe('sockets', () => {
  it('of one account are as many as allowed', async () => {
    await withLimits({ SOCKETS_PER_VIEWER: '2' }, async (limited) => {
      const [ada, bob] = [await limited.person('ada'), await limited.person('bob')];
      const init = ({ token }: typeof ada) => ({ authorization: `Bearer ${token}` });
      const first = await acknowledged(limited, init(ada));
      await acknowledged(limited, init(ada));
      const third = connect(limited);
      await once(third.socket, 'open');
      third.socket.send(JSON.stringify({ type: 'connection_init', payload: init(ada) }));
      expect(await third.closed).toBe(4429);
      await acknowledged(limited, init(bob));
      first.socket.close();
      await first.closed;
      await acknowledged(limited, init(ada));
    });
  });

  it('from one address are as many as allowed, and one too many can do no harm', async () => {
    await withLimits({ SOCKETS_PER_ADDRESS: '2' }, async (limited) => {
      const first = await acknowledged(limited);
      await acknowledged(limited);
      const third = connect(limited);
      third.socket.once('open', () => third.socket.send(Buffer.alloc(1_000_000)));
      expect(await third.closed).toBe(4429);
      expect((await limited.query('{ viewer { id } }')).status).toBe(200);
      first.socket.close();
      await first.closed;
      await acknowledged(limited);
    });
  });

  it('that answer no ping are found and ended', async () => {
    await withLimits({ SOCKET_PING_INTERVAL_MS: '200' }, async (limited) => {
      const dead = connect(limited, { autoPong: false });
      await once(dead.socket, 'open');
      dead.socket.send(INIT);
      const alive = await acknowledged(limited);
      expect(await dead.closed).toBe(1006);
      expect(alive.socket.readyState).toBe(WebSocket.OPEN);
    });
  });
});
