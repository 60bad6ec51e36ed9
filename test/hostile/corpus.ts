import { FLOODS } from './corpus-floods';
import { FORMS } from './corpus-forms';
import { LISTS } from './corpus-lists';

export type HostileTransport = 'http' | 'websocket' | 'sse';

/** What a client sends as one operation. */
export interface Payload {
  readonly query?: unknown;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
  readonly documentId?: unknown;
}

/** One request that must be refused. */
export interface Hostile {
  readonly name: string;
  readonly payload: Payload | readonly Payload[];
  /** The code of the refusal, the same over every transport. */
  readonly code: string;
  /** Stands in the message: which guard it was. */
  readonly says?: RegExp;
}

export interface Family {
  readonly family: string;
  readonly members: readonly Hostile[];
  /** Left out: all. A protocol that closes the connection on a form like this has tests of its own. */
  readonly transports?: readonly HostileTransport[];
}

export const TRANSPORTS: readonly HostileTransport[] = ['http', 'websocket', 'sse'];

/** Every hostile request, in families. */
export const CORPUS: readonly Family[] = [...FLOODS, ...LISTS, ...FORMS];
