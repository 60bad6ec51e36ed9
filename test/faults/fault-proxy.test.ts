import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Dice } from '../fuzz/random';
import { eventually } from '../support/interleaving';
import { FaultProxy } from './fault-proxy';

/** Answers whatever it hears. */
let echo: Server;
let proxy: FaultProxy;
const open: Socket[] = [];

beforeEach(async () => {
  echo = createServer({ allowHalfOpen: false }, (socket) => {
    open.push(socket);
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  proxy = await FaultProxy.listen((echo.address() as AddressInfo).port);
});

afterEach(() => {
  proxy.close();
  for (const socket of open.splice(0)) socket.destroy();
  echo.close();
});

interface Caller {
  readonly socket: Socket;
  heard(): string;
  closed(): boolean;
}

async function call(): Promise<Caller> {
  const socket = connect(proxy.port, '127.0.0.1');
  open.push(socket);
  let text = '';
  let closed = false;
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  socket
    .on('error', () => undefined)
    .on('close', () => {
      closed = true;
    });
  await once(socket, 'connect');
  return { socket, heard: () => text, closed: () => closed };
}

const always = { chance: () => true } as unknown as Dice;
const never = { chance: () => false } as unknown as Dice;

describe('the fault proxy', () => {
  it('passes bytes in order in both directions, however slow it is', async () => {
    const caller = await call();
    const lines = Array.from({ length: 50 }, (_, index) => `line ${index}\n`);
    for (const [index, line] of lines.entries()) {
      if (index === 20) proxy.slow(30, 2);
      caller.socket.write(line);
      if (index % 10 === 0) await sleep(3);
    }
    await eventually('all came back', () => caller.heard().length === lines.join('').length);
    expect(caller.heard()).toBe(lines.join(''));
  });

  it('cuts what is open, and passes what comes after', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually('it is open', () => caller.heard() === 'a');
    proxy.cut();
    await eventually('it is closed', () => caller.closed());
    const next = await call();
    next.socket.write('b');
    await eventually('the next is served', () => next.heard() === 'b');
  });

  it('says nothing while it is dark, and goes on with what it does not forget', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually('it is open', () => caller.heard() === 'a');
    proxy.blackhole(60, always);
    caller.socket.write('b');
    const late = await call();
    late.socket.write('c');
    await sleep(30);
    expect([caller.heard(), late.heard(), caller.closed(), late.closed()]).toEqual(['a', '', false, false]);
    await eventually('all is said', () => caller.heard() === 'ab' && late.heard() === 'c');
  });

  it('leaves half-open what it forgets: neither side is told that the other has gone', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually('it is open', () => caller.heard() === 'a');
    proxy.blackhole(10, never);
    for (const socket of open) if (socket !== caller.socket) socket.destroy();
    caller.socket.write('b');
    await sleep(60);
    expect([caller.heard(), caller.closed()]).toEqual(['a', false]);
    proxy.heal();
    await eventually('it is reset', () => caller.closed());
  });

  it('holds back from a reader that stalls, and gives it everything later', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually('it is open', () => caller.heard() === 'a');
    proxy.stall(40, always);
    caller.socket.write('b');
    await sleep(20);
    expect(caller.heard()).toBe('a');
    await eventually('the rest came', () => caller.heard() === 'ab');
  });

  it('forgets connections that have ended', async () => {
    const caller = await call();
    caller.socket.write('a');
    await eventually('it is open', () => proxy.connections === 1);
    caller.socket.end();
    await eventually('it is forgotten', () => proxy.connections === 0);
  });
});
