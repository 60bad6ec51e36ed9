import { setMaxListeners } from 'node:events';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyRequest } from 'fastify';
import { CloseCode } from 'graphql-ws';
import { Fault } from '../kernel/errors';
import { type ConnectionCounter, Rate } from '../platform/http/connection-counter';
import type { Authenticate, Authentication, WatchSession } from './authentication';
import type { Caller } from './caller';
import type { LiveConnection } from './live-connections';

export interface SocketLimits {
  /** Messages and pings of one socket; operations begun are counted apart. */
  readonly messagesPerSecond: number;
  readonly operationsPerSecond: number;
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
const CLOSE_REASON_MAX = 100;
/** A client that does not confirm a close in this time is cut; `ws` would wait half a minute for it. */
const CLOSE_TIMEOUT_MS = 3_000;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** One socket: who it belongs to, until when, and how much it may send. */
export class SocketSession implements LiveConnection {
  private authentication: Authentication | null = null;
  private expiry: NodeJS.Timeout | undefined;
  private readonly gone = new AbortController();
  private readonly operationRate: Rate;
  private readonly releases: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly request: FastifyRequest,
    private readonly counter: ConnectionCounter,
    private readonly options: SocketSessionOptions,
  ) {
    // One listener per operation that is open on the socket, and those are bounded.
    setMaxListeners(0, this.gone.signal);
    const { limits } = options;
    this.operationRate = new Rate(limits.operationsPerSecond);
    const rate = new Rate(limits.messagesPerSecond);
    const count = () => rate.take() || this.close(CLOSE_TOO_MANY, 'Too many messages');
    socket.on('message', count);
    socket.on('ping', count);
    socket.on('pong', count);
  }

  /** Whether it can still be written to, and what it asks may still be done. */
  get open(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }

  caller(): Caller {
    const { id: requestId, ip: address } = this.request;
    const viewer = this.authentication?.viewer ?? null;
    return { viewer, requestId, transport: 'websocket', address, gone: this.gone.signal };
  }

  /** Takes the token of `connection_init`, if there is one. False when the socket was refused and is closing. */
  async signIn(params: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    const authentication = await this.authenticate(params);
    if (authentication === 'refused') return false;
    if (!authentication) return true;
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
    // It may have closed while the token was looked at.
    if (!this.open) this.end();
    return true;
  }

  /** Takes a fresh token of the same session, sent in a ping. Any other one closes the socket; a ping without is a ping. */
  async renew(params: Readonly<Record<string, unknown>> | undefined): Promise<void> {
    if (!this.authentication || !tokenOf(params)) return;
    const fresh = await this.authenticate(params);
    if (fresh === 'refused' || !fresh) return;
    const { viewer } = this.authentication;
    if (fresh.viewer.userId !== viewer.userId || fresh.viewer.sessionId !== viewer.sessionId) {
      this.close(CloseCode.Forbidden, 'This token is of another session');
      return;
    }
    this.authentication = fresh;
    this.endAt(fresh.expiresAt);
  }

  /** False when operations are begun too fast. */
  mayBegin(): boolean {
    return this.operationRate.take();
  }

  /** Resolves when the text has left the process, so that nobody makes more than the client takes. Never rejects. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.open) this.socket.send(text, () => resolve());
      else resolve();
    });
  }

  restart(retryAfterMs: number): void {
    this.close(CLOSE_RESTART, `Restarting; retry-after-ms=${Math.round(retryAfterMs)}`);
  }

  destroy(): void {
    this.socket.terminate();
  }

  /** The socket has closed. */
  end(): void {
    clearTimeout(this.expiry);
    this.gone.abort();
    for (const release of this.releases.splice(0)) release();
  }

  private close(code: number, reason: string): void {
    if (!this.open) return;
    this.socket.close(code, reason);
    // What is open on it must not be delivered any more, however long the client takes to close.
    this.gone.abort();
    const timer = setTimeout(() => this.socket.terminate(), CLOSE_TIMEOUT_MS);
    this.socket.once('close', () => clearTimeout(timer));
  }

  private async authenticate(params: Readonly<Record<string, unknown>> | undefined) {
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

function tokenOf(params: Readonly<Record<string, unknown>> | undefined): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'];
  return typeof value === 'string' ? value : undefined;
}
