import type { Viewer } from '../kernel/viewer';

export const GRAPHQL_PATH = '/graphql';

/** That whoever sent a request has the private half of a key: a DPoP proof, checked and used up for this request. */
export interface Proof {
  /** JWK thumbprint of the key (RFC 7638). */
  readonly thumbprint: string;
  /** What it says of the operation that it is sent with. */
  readonly covers: {
    /** SHA-256 of the document's text, base64url. */
    readonly document: string | null;
    /** SHA-256 of the variables as canonical JSON (RFC 8785), base64url. */
    readonly variables: string | null;
    readonly operationName: string | null;
  };
}

/** A proof that is good unless it was used before: whoever sent it may have copied it. */
export interface PendingProof {
  /** Uses it up. @throws Unauthenticated when it was used before. */
  use(): Promise<Proof>;
}

/** Whom an access token stands for, and until when (epoch milliseconds). */
export interface Authentication {
  readonly viewer: Viewer;
  readonly expiresAt: number;
  /** The device that the session is of, where that is known. */
  readonly deviceId?: string | null;
  /** Came with a token bound to a key, and has to be used up before anything is done for its sender; null for bearer tokens. */
  readonly pending?: PendingProof | null;
}

/** What a client sent to say who it is, as sent. */
export interface SentCredentials {
  /** The Authorization header, or what stands for it in `connection_init`. */
  readonly authorization: string | undefined;
  /** The DPoP header: a JWT that proves possession of a key for this one request (RFC 9449 §4.1). */
  readonly proof: string | undefined;
  /** Of the request, or of the handshake of a socket. */
  readonly method: string;
  /** Of the request, without query and fragment; empty where nothing was sent that could name it. */
  readonly url: string;
  /** The IP address of the client, past trusted proxies. */
  readonly address: string;
}

/** Null when no token was sent. @throws Unauthenticated when it is no good. */
export type Authenticate = (sent: SentCredentials) => Promise<Authentication | null>;

/**
 * Calls `onEnded` once when this viewer's session ends while it is watched: signed out, revoked, or the account gone.
 * The returned function stops watching.
 */
export type WatchSession = (viewer: Viewer, onEnded: () => void) => () => void;

/** Whether this viewer's session, or account, is known to have ended. Asks no store, so it costs nothing. */
export type HasEnded = (viewer: Viewer) => boolean;
