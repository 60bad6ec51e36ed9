import { setTimeout as delay } from 'node:timers/promises';
import type { WebSocket } from '@fastify/websocket';
import { CloseCode } from 'graphql-ws';
import { Fault } from '../kernel/errors';
import { type ConnectionCounter, Rate } from '../platform/http/connection-counter';
import type { Authenticate, Authentication, WatchSession } from './authentication';
import { type Caller, Gone } from './caller';
import type { LiveConnection } from './live-connections';
import type { Frames } from './operations';

export interface SocketLimits {
  /** Messages and pings of one socket; operations begun are counted apart. */
  readonly messagesPerSecond: number;
  readonly operationsPerSecond: number;
  /** Operations open at once on one socket. */
  readonly operationsMax: number;
  readonly perViewerMax: number;
}

export interface SocketSessionOptions {
  readonly authenticate: Authenticate;
  readonly watchSession: WatchSession;
  readonly limits: SocketLimits;
}

/** RFC 6455 §7.4.1 "service restart": clients of graphql-ws reconnect, with back-off. */
const CLOSE_RESTART = 1012;
/** graphql-ws: fatal, a client does not try again by itself. */
export const CLOSE_TOO_MANY = 4429;
/** A close frame holds 125 bytes, two of them the code. */
const CLOSE_REASON_MAX = 100;
/** How long a new operation waits for one that its client has completed. */
const ENDING_CHECK_MS = 5;
const ENDING_TRIES = 100;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** What stands in the place of an operation's frames until there are any. */
const BEGUN: Frames = { next: async () => null, close: () => {} };

/** One socket: who it belongs to, until when, how much it may send, and which operations it carries. */
export class SocketSession implements LiveConnection {
  private authentication: Authentication | null = null;
  private acknowledged = false;
  private expiry: NodeJS.Timeout | undefined;
  private readonly gone = new Gone();
  private answered = true;
  private readonly messages: Rate;
  private readonly operationRate: Rate;
  private readonly operations = new Map<string, Frames>();
  private releases: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly requestId: string,
    private readonly address: string,
    private readonly counter: ConnectionCounter,
    private readonly options: SocketSessionOptions,
  ) {
    const { limits } = options;
    this.operationRate = new Rate(limits.operationsPerSecond);
    this.messages = new Rate(limits.messagesPerSecond);
    const count = () => this.messages.take() || this.close(CLOSE_TOO_MANY, 'Too many messages');
    socket.on('message', count);
    socket.on('ping', count);
    socket.on('pong', () => {
      this.answered = true;
      count();
    });
  }

  /** Whether it can still be written to, and what it asks may still be done. */
  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  caller(): Caller {
    const { requestId, address, gone } = this;
    return { viewer: this.authentication?.viewer ?? null, requestId, transport: 'websocket', address, gone };
  }

  /** Takes the token of `connection_init`, if there is one. False when the socket was refused and is closing. */
  async signIn(params: Params): Promise<boolean> {
    const authentication = await this.authenticate(params);
    if (authentication === 'refused') return false;
    if (authentication) {
      const { viewer } = authentication;
      const release = this.counter.acquire(`viewer:${viewer.userId}`, this.options.limits.perViewerMax);
      if (!release) {
        this.close(CLOSE_TOO_MANY, 'Too many sockets of one account');
        return false;
      }
      const ended = () => this.close(CloseCode.Forbidden, 'This session has ended');
      this.releases.push(release, this.options.watchSession(viewer, ended));
      this.authentication = authentication;
      this.endAt(authentication.expiresAt);
    }
    this.acknowledged = true;
    // It may have closed while the token was looked at.
    if (!this.open) this.end();
    return true;
  }

  /** Takes a fresh token of the same session, sent in a ping. Any other one closes the socket; a ping without is a ping. */
  async renew(params: Params): Promise<void> {
    // Sent before the socket has signed in, it cannot be meant to renew that.
    if (!this.acknowledged || tokenOf(params) === undefined) return;
    const fresh = await this.authenticate(params);
    if (fresh === 'refused' || !fresh || !this.open) return;
    const viewer = this.authentication?.viewer;
    if (!viewer) {
      this.close(CloseCode.Forbidden, 'This socket is anonymous: sign in by connection_init');
    } else if (fresh.viewer.userId !== viewer.userId || fresh.viewer.sessionId !== viewer.sessionId) {
      this.close(CloseCode.Forbidden, 'This token is of another session');
    } else {
      this.authentication = fresh;
      this.endAt(fresh.expiresAt);
    }
  }

  /**
   * Counts one more operation, until it has `ended`. Answers why there cannot be one more.
   * @param wanted by id, the operations that the client has not completed: the others take a moment to end.
   */
  async begin(id: string, wanted: Readonly<Record<string, unknown>>): Promise<string | null> {
    if (!this.operationRate.take()) return 'Too many operations too fast on one socket. Slow down.';
    const { operationsMax } = this.options.limits;
    const ending = () => this.operations.has(id) || [...this.operations.keys()].some((each) => !(each in wanted));
    const full = () => this.operations.has(id) || this.operations.size >= operationsMax;
    for (let tries = 0; full() && ending() && tries < ENDING_TRIES; tries += 1) await delay(ENDING_CHECK_MS);
    if (this.operations.has(id)) return 'The operation of this id has not ended yet. Give each one an id of its own.';
    if (full()) return `A socket carries at most ${operationsMax} operations at once. Complete some first.`;
    this.operations.set(id, BEGUN);
    return null;
  }

  /** From here on the frames are closed with the socket. */
  carry(id: string, frames: Frames): void {
    this.operations.set(id, frames);
    if (!this.open) frames.close();
  }

  ended(id: string): void {
    this.operations.delete(id);
  }

  /** Resolves when the text has left the process, so that nobody makes more than the client takes. Never rejects. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.open) this.socket.send(text, () => resolve());
      else resolve();
    });
  }

  /** Asks for a sign of life; cuts the socket when it has not answered the last time. */
  ping(): void {
    if (!this.open) return;
    if (!this.answered) this.socket.terminate();
    else this.socket.ping();
    this.answered = false;
  }

  restart(retryAfterMs: number): void {
    this.close(CLOSE_RESTART, `Restarting; retry-after-ms=${Math.round(retryAfterMs)}`);
  }

  destroy(): void {
    this.socket.terminate();
  }

  close(code: number, reason: string): void {
    if (!this.open) return;
    this.socket.close(code, reason);
    // What is open on it must not be delivered any more, however long the client takes to close.
    this.stop();
  }

  /** The socket has closed. */
  end(): void {
    clearTimeout(this.expiry);
    this.stop();
    for (const release of this.releases.splice(0)) release();
  }

  private stop(): void {
    this.gone.happen();
    for (const frames of this.operations.values()) frames.close();
  }

  private async authenticate(params: Params) {
    try {
      return await this.options.authenticate(tokenOf(params));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.close(CloseCode.Forbidden, error.message.slice(0, CLOSE_REASON_MAX));
      return 'refused' as const;
    }
  }

  private endAt(expiresAt: number): void {
    clearTimeout(this.expiry);
    const ms = Math.min(Math.max(expiresAt - Date.now(), 0), TIMER_MAX_MS);
    this.expiry = setTimeout(() => this.close(CloseCode.Forbidden, 'The access token has ended'), ms);
    this.expiry.unref();
  }
}

type Params = Readonly<Record<string, unknown>> | undefined;

/** What is no text is no token either, and refused like one that is broken. */
function tokenOf(params: Params): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'] ?? undefined;
  return value === undefined || typeof value === 'string' ? value : '';
}
