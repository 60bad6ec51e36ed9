import type { WebSocket } from '@fastify/websocket';
import { CloseCode } from 'graphql-ws';
import { Fault } from '../kernel/errors';
import { type ConnectionCounter, Rate } from '../platform/http/connection-counter';
import { isUnavailable } from '../platform/postgres/failures';
import type { Authenticate, Authentication, SentCredentials, WatchSession } from './authentication';
import { type Caller, Gone } from './caller';
import type { LiveConnection } from './live-connections';
import { Refusal } from './pipeline/refusal';

export interface SocketLimits {
  /** Messages and pings of one socket; operations begun are counted apart. */
  readonly messagesPerSecond: number;
  readonly operationsPerSecond: number;
  readonly perViewerMax: number;
}

/** Where a socket comes from, and the request that opened it. */
export interface SocketOrigin {
  readonly requestId: string;
  readonly address: string;
  readonly handshake: SentCredentials;
}

export interface SocketSessionOptions {
  readonly authenticate: Authenticate;
  readonly watchSession: WatchSession;
  /** Uses up the proof of a caller who has one. @throws Refusal */
  readonly prove: (caller: Caller) => Promise<void>;
  readonly limits: SocketLimits;
}

/** RFC 6455 §7.4.1 "service restart": clients of graphql-ws reconnect, with back-off. */
const CLOSE_RESTART = 1012;
/** RFC 6455 §7.4.1 "try again later": clients of graphql-ws reconnect, with back-off. */
const CLOSE_TRY_AGAIN = 1013;
/** graphql-ws: fatal, a client does not try again by itself. */
export const CLOSE_TOO_MANY = 4429;
/** A close frame holds 125 bytes, two of them the code. */
const CLOSE_REASON_MAX = 100;
/** setTimeout overflows past this and would fire at once. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** One socket: who it belongs to, until when, and how much it may send. */
export class SocketSession implements LiveConnection {
  private authentication: Authentication | null = null;
  private acknowledged = false;
  private expiry: NodeJS.Timeout | undefined;
  /** That nothing may be delivered any more. */
  readonly gone = new Gone();
  private answered = true;
  private readonly messages: Rate;
  private readonly operationRate: Rate;
  private releases: (() => void)[] = [];

  constructor(
    private readonly socket: WebSocket,
    private readonly origin: SocketOrigin,
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
    const { requestId, address, handshake: credentials } = this.origin;
    const { viewer = null, deviceId = null } = this.authentication ?? {};
    return { viewer, deviceId, requestId, transport: 'websocket', address, credentials };
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
    this.gone.happen();
  }

  /** The socket has closed. */
  end(): void {
    clearTimeout(this.expiry);
    this.gone.happen();
    for (const release of this.releases.splice(0)) release();
  }

  private async authenticate(params: Params) {
    try {
      const authorization = tokenOf(params);
      const sent = { ...this.origin.handshake, authorization, proof: proofOf(params) };
      const authentication = await this.options.authenticate(sent);
      if (authentication) await this.options.prove({ ...this.caller(), ...authentication });
      return authentication;
    } catch (error) {
      if (isUnavailable(error)) {
        this.close(CLOSE_TRY_AGAIN, 'Not now: try again later');
        return 'refused' as const;
      }
      if (!(error instanceof Fault || error instanceof Refusal)) throw error;
      const code = isUnauthenticated(error) ? CloseCode.Forbidden : CLOSE_TRY_AGAIN;
      this.close(code, error.message.slice(0, CLOSE_REASON_MAX));
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

function isUnauthenticated(error: Fault | Refusal): boolean {
  return error instanceof Refusal ? error.status === 401 : error.code === 'UNAUTHENTICATED';
}

/** The DPoP proof that stands beside the token. */
function proofOf(params: Params): string | undefined {
  const value = params?.['dpop'] ?? params?.['DPoP'];
  return typeof value === 'string' ? value : undefined;
}

type Params = Readonly<Record<string, unknown>> | undefined;

/** What is no text is no token either, and refused like one that is broken. */
function tokenOf(params: Params): string | undefined {
  const value = params?.['authorization'] ?? params?.['Authorization'] ?? undefined;
  return value === undefined || typeof value === 'string' ? value : '';
}
