import { LogHub } from '../../src/platform/changelog/hub';
import type { LogEntry } from '../../src/platform/changelog/log-reader';
import type { Person, TestApp } from './app';
import { type EventStream, followEvents, type Transport } from './event-stream';

export {
  connect,
  type Refusal,
  refusalOf,
  type Sink,
  type StreamClient,
  socketUrl,
  TRANSPORTS,
  type Transport,
} from './event-stream';

/** An event of `commentAdded`, as far as tests look at it. */
export interface Added {
  readonly cursor: string;
  readonly node: {
    readonly id: string;
    readonly text: string;
    readonly author: { readonly name: string };
    readonly post: { readonly commentCount: number };
  };
}

export type CommentStream = EventStream<Added>;

export interface CommentStreamOptions {
  readonly postId: string;
  readonly after?: string | null;
}

export const COMMENT_ADDED = `subscription Added($postId: ID!, $after: String) {
  commentAdded(postId: $postId, after: $after) {
    cursor node { id text author { name } post { commentCount } }
  }
}`;

/** Follows a post's comments with the client library of a transport, over a connection of its own. */
export function followComments(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  { postId, after }: CommentStreamOptions,
): CommentStream {
  return followEvents(app, transport, as, { query: COMMENT_ADDED, variables: { postId, after: after ?? null } });
}

export interface ReaderCount {
  /** Readers of live logs in this process that have not been let go. */
  readonly active: number;
  /** All that there ever were. */
  readonly total: number;
}

/** Counts the readers of live logs from now on; call before the app starts. */
export function countReaders(): ReaderCount {
  const count = { active: 0, total: 0 };
  const { follow } = LogHub.prototype;
  jest.spyOn(LogHub.prototype, 'follow').mockImplementation(function (this: LogHub<LogEntry>, streamId, after) {
    const reader = follow.call(this, streamId, after);
    const close = reader.close.bind(reader);
    let open = true;
    count.active += 1;
    count.total += 1;
    reader.close = () => {
      if (open) count.active -= 1;
      open = false;
      close();
    };
    return reader;
  });
  return count;
}
