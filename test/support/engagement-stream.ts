import type { Person, TestApp } from './app';
import { connect, type Refusal, refusalOf, type Transport } from './comment-stream';
import { eventually } from './interleaving';

/** What a message of `postEngagement` says: likes, then comments. */
export type Counts = readonly [likes: number, comments: number];

export interface EngagementStream {
  /** Everything that came, in the order in which it came. */
  readonly counts: readonly Counts[];
  /** Resolves once the newest message says this. @throws Error when the stream ends before. */
  says(counts: Counts): Promise<void>;
  /** From before it was asked for until the last message came, in seconds. */
  span(): number;
  /** Resolves when the server or the connection ends the stream: with null, or with why. */
  readonly ended: Promise<Refusal | null>;
  /** Unsubscribes and closes the connection. */
  stop(): void;
}

const POST_ENGAGEMENT = `subscription Engagement($postId: ID!) {
  postEngagement(postId: $postId) { postId likeCount commentCount }
}`;

/** Follows a post's counters with the client library of a transport, over a connection of its own. */
export function followEngagement(
  app: TestApp,
  transport: Transport,
  as: Person | null,
  postId: string,
): EngagementStream {
  const counts: Counts[] = [];
  const client = connect(app, transport, as);
  const startedAt = performance.now();
  let lastAt = startedAt;
  let over = false;
  const ended = new Promise<Refusal | null>((resolve) => {
    const end = (refusal: Refusal | null) => {
      over = true;
      resolve(refusal);
    };
    client.subscribe(
      { query: POST_ENGAGEMENT, variables: { postId } },
      {
        next(result) {
          if (result.errors) return end(refusalOf(result.errors));
          const { postEngagement } = result.data;
          if (postEngagement.postId !== postId) throw new Error(`counters of ${postEngagement.postId}`);
          counts.push([postEngagement.likeCount, postEngagement.commentCount]);
          lastAt = performance.now();
        },
        error: (error) => end(refusalOf(Array.isArray(error) ? error : [error])),
        // Errors may come before the end; the first word counts.
        complete: () => over || end(null),
      },
    );
  });
  return {
    counts,
    ended,
    async says(expected) {
      await eventually(`the counters are ${expected} over ${transport}`, () => {
        if (over) throw new Error(`the stream ended after ${JSON.stringify(counts)}`);
        return String(counts.at(-1)) === String(expected);
      });
    },
    span: () => (lastAt - startedAt) / 1_000,
    stop: () => client.dispose(),
  };
}
