import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { Dice } from '../fuzz/random';
import type { Ms } from './ledger';

/** One connection through the proxy: from who connected to the target. */
interface Pipe {
  readonly near: Socket;
  /** Null until the network lets it through. */
  far: Socket | null;
  /** Nothing passes: data waits in the kernel on both sides, and neither side is told of an end. */
  frozen: boolean;
  /** Nothing passes towards who connected, as when it does not read. */
  stalled: boolean;
}

/** Half-open connections are reset after so long, as by a middlebox that has forgotten them. */
const FORGOTTEN_AFTER_MS = 25_000;

/**
 * A network that fails on demand, between one port of its own and one target, both on 127.0.0.1. It looks at bytes and
 * not at protocols; the order of bytes is kept whatever happens.
 */
export class FaultProxy {
  private readonly pipes = new Set<Pipe>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private dark = false;
  private delayMs: Ms = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: number,
  ) {
    server.on('connection', (near: Socket) => this.accept(near));
  }

  static async listen(targetPort: number): Promise<FaultProxy> {
    const server = createServer({ noDelay: true });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new FaultProxy(server, targetPort);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.pipes.size;
  }

  /** Resets every connection; new ones pass. */
  cut(): void {
    for (const pipe of [...this.pipes]) this.reset(pipe);
  }

  /**
   * Nothing passes for so long. What is open then stays half-open: some connections go on afterwards, as after lost
   * packets that are sent again, the others never say another word. What is opened meanwhile waits.
   */
  blackhole(ms: Ms, dice: Dice): void {
    this.dark = true;
    const caught = [...this.pipes];
    for (const pipe of caught) this.freeze(pipe);
    this.later(ms, () => {
      this.dark = false;
      for (const pipe of caught) if (dice.chance(0.5)) this.thaw(pipe);
      for (const pipe of this.pipes) if (!pipe.far) this.extend(pipe);
    });
    this.later(ms + FORGOTTEN_AFTER_MS, () => {
      for (const pipe of caught) if (pipe.frozen) this.reset(pipe);
    });
  }

  /** Some of those who are connected read nothing for so long. */
  stall(ms: Ms, dice: Dice): void {
    const caught = [...this.pipes].filter(() => dice.chance(0.5));
    for (const pipe of caught) {
      pipe.stalled = true;
      pipe.far?.pause();
    }
    this.later(ms, () => {
      for (const pipe of caught) {
        pipe.stalled = false;
        if (!pipe.frozen) pipe.far?.resume();
      }
    });
  }

  /** Whatever passes takes `delayMs` longer in each direction, for `ms`. */
  slow(ms: Ms, delayMs: Ms): void {
    this.delayMs = delayMs;
    this.later(ms, () => {
      this.delayMs = 0;
    });
  }

  /** Ends every fault at once; what is half-open is reset. */
  heal(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
    this.dark = false;
    this.delayMs = 0;
    for (const pipe of [...this.pipes]) {
      if (pipe.frozen) this.reset(pipe);
      else if (!pipe.far) this.extend(pipe);
      else if (pipe.stalled) {
        pipe.stalled = false;
        pipe.far.resume();
      }
    }
  }

  close(): void {
    this.heal();
    this.server.close();
    this.cut();
  }

  private accept(near: Socket): void {
    const pipe: Pipe = { near, far: null, frozen: false, stalled: false };
    this.pipes.add(pipe);
    near.on('error', () => this.lose(pipe));
    near.pause();
    // The kernel has accepted already, so a dark network shows as a connection that says nothing, not as one that is
    // not made. That is the worse of the two for those who wait.
    if (!this.dark) this.extend(pipe);
  }

  private extend(pipe: Pipe): void {
    if (pipe.near.destroyed) {
      this.pipes.delete(pipe);
      return;
    }
    const far = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    pipe.far = far;
    far.on('error', () => this.lose(pipe));
    this.forward(pipe, pipe.near, far, () => pipe.frozen);
    this.forward(pipe, far, pipe.near, () => pipe.frozen || pipe.stalled);
    pipe.near.resume();
  }

  private forward(pipe: Pipe, from: Socket, to: Socket, isHeld: () => boolean): void {
    from.on('data', (bytes) => {
      if (this.delayMs > 0) {
        // One chunk is on its way at a time, so that a later, faster one cannot overtake it.
        from.pause();
        this.later(this.delayMs, () => {
          to.write(bytes);
          if (!isHeld()) from.resume();
        });
      } else if (!to.write(bytes)) {
        from.pause();
        to.once('drain', () => isHeld() || from.resume());
      }
    });
    // What is held is not told of an end, which Node notices also of a socket that is paused: this is half-open.
    from.once('end', () => pipe.frozen || to.end());
    from.once('close', () => {
      if (!pipe.frozen) to.destroySoon();
      if (pipe.near.destroyed && (pipe.far?.destroyed ?? true)) this.pipes.delete(pipe);
    });
  }

  private freeze(pipe: Pipe): void {
    pipe.frozen = true;
    pipe.near.pause();
    pipe.far?.pause();
  }

  private thaw(pipe: Pipe): void {
    pipe.frozen = false;
    if (pipe.near.destroyed || pipe.far?.destroyed) this.reset(pipe);
    else {
      pipe.near.resume();
      if (!pipe.stalled) pipe.far?.resume();
    }
  }

  /** One side has gone; the other is told unless nothing passes. */
  private lose(pipe: Pipe): void {
    if (!pipe.frozen) this.reset(pipe);
  }

  private reset(pipe: Pipe): void {
    this.pipes.delete(pipe);
    pipe.frozen = false;
    for (const socket of [pipe.near, pipe.far]) {
      if (socket && !socket.destroyed) socket.resetAndDestroy();
    }
  }

  private later(ms: Ms, then: () => void): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      then();
    }, ms);
    this.timers.add(timer);
  }
}
