import type { Viewer } from '../kernel/viewer';

export const GRAPHQL_PATH = '/graphql';

/** Whom a bearer token stands for, and until when (epoch milliseconds). */
export interface Authentication {
  readonly viewer: Viewer;
  readonly expiresAt: number;
}

/** Reads an Authorization header; null when there is none. @throws Unauthenticated when it is no good. */
export type Authenticate = (authorization: string | undefined) => Promise<Authentication | null>;

/**
 * Calls `onEnded` once when this viewer's session ends while it is watched: signed out, revoked, or the account gone.
 * The returned function stops watching.
 */
export type WatchSession = (viewer: Viewer, onEnded: () => void) => () => void;
