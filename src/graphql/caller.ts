import type { FastifyRequest } from 'fastify';
import type { MaybeViewer } from '../kernel/viewer';
import type { PendingProof, Proof, SentCredentials } from './authentication';

export type Transport = 'http' | 'websocket' | 'sse';

/** On whose behalf an operation runs, from where, and by which way it came. */
export interface Caller {
  readonly viewer: MaybeViewer;
  /** The device that the viewer's session is of, where that is known. */
  readonly deviceId?: string | null;
  readonly requestId: string;
  readonly transport: Transport;
  /** The IP address of the client, past trusted proxies. */
  readonly address: string;
  readonly credentials: SentCredentials;
  /** That this very request was found to be of the holder of a key when its token was looked at. */
  readonly proof?: Proof | null;
  /** Has still to become that: the gate does it. */
  readonly pending?: PendingProof | null;
  /** That the client has hung up; absent where the transport watches by itself. */
  readonly gone?: Gone;
  /** The cursor of the last event that the client has, where the transport says so itself. */
  readonly resumeAfter?: string | null;
}

const NO_CREDENTIALS: SentCredentials = {
  authorization: undefined,
  proof: undefined,
  method: '',
  url: '',
  address: '',
};

/** For what runs on nobody's behalf, such as an event that is the same for all. */
export function nobody(requestId: string, transport: Transport = 'http'): Caller {
  return { viewer: null, requestId, transport, address: '', credentials: NO_CREDENTIALS };
}

/** Reads what a request says of its sender. A header sent twice is none that can be used. */
export function credentialsOf(request: FastifyRequest, address = request.ip): SentCredentials {
  const { authorization, dpop, upgrade } = request.headers;
  const proof = typeof dpop === 'string' ? dpop : undefined;
  // Which request it is matters to a proof alone; over a socket that may come later.
  const url = proof === undefined && upgrade === undefined ? '' : urlOf(request);
  return { authorization, proof, method: request.method, url, address };
}

function urlOf({ protocol, host, url }: FastifyRequest): string {
  return `${protocol}://${host}${url.replace(/[?#].*$/, '')}`;
}

/** Something that happens once. An AbortSignal costs a kilobyte, and there is one for every idle socket. */
export class Gone {
  private listeners: Set<() => void> | null = null;
  private happened = false;

  happen(): void {
    this.happened = true;
    for (const listener of this.listeners ?? []) listener();
    this.listeners = null;
  }

  /** Calls `listener` when it happens, at once when it has, until the returned function is called. */
  listen(listener: () => void): () => void {
    if (this.happened) {
      listener();
      return () => {};
    }
    const listeners = this.listeners ?? new Set();
    this.listeners = listeners.add(listener);
    return () => listeners.delete(listener);
  }
}
