import type { RequestContext } from '../../graphql/context';
import { readId } from '../../graphql/nodes';
import { Fault } from '../../kernel/errors';
import { encodeId } from '../../kernel/ids';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { engagementTopic, POST_PREFIX } from '../posts';
import { EngagementFollower, REST_MS } from './engagement.follower';
import { type Counters, findEngagement } from './engagement.repository';
import type { Engagement } from './engagement.types';

export interface EngagementArgs {
  readonly postId: string;
}

interface WatchedPost {
  readonly id: string;
  /** By viewer; null is everybody who is not signed in. */
  readonly followers: Map<string | null, Set<EngagementFollower>>;
  readonly unlisten: () => void;
  /** One object for all who see the same numbers, so that they are sent the same frame. */
  shown: Map<string, Engagement>;
  /** Not to be read before, however often it rings. */
  dueAt: number;
}

interface Question {
  readonly post: WatchedPost;
  readonly postId: string;
  readonly viewerId: string | null;
}

/** A follower that cannot wait until its post is due. */
interface Arrival {
  readonly post: WatchedPost;
  readonly viewerId: string | null;
  readonly read: () => void;
  readonly failed: (error: unknown) => void;
}

/** Posts fall due on beats of this length, so that those that move all the time share their statements. */
const BEAT_MS = 50;
/** Questions, each of a post and a viewer, in one statement. */
const QUESTIONS_AT_ONCE = 5_000;
const RETRY_FIRST_MS = 100;
const RETRY_MAX_MS = 2_000;

/**
 * Follows the counters of every post that somebody in this process watches. A ring only marks a post: all that are
 * marked and due are read by one statement, for all their viewers and with the rights of each, at once when a post was
 * quiet and every `REST_MS` while it moves. Who may not see the post any more is ended. All watched posts are read
 * each `pollMs`, which heals lost rings and finds rights that changed.
 */
export class EngagementWatch {
  private readonly posts = new Map<string, WatchedPost>();
  private readonly moved = new Set<WatchedPost>();
  private arrivals: Arrival[] = [];
  private reading = false;
  private faults = 0;
  private next: NodeJS.Timeout | undefined;
  private nextAt = Number.POSITIVE_INFINITY;
  private poll: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly database: Database,
    private readonly options: HubOptions,
  ) {}

  /** @throws Fault NOT_FOUND when the viewer may not see the post, BadInput. */
  async open(args: EngagementArgs, { viewer }: RequestContext): Promise<EngagementFollower> {
    const follower = this.follow(readId(POST_PREFIX, args.postId), viewer?.userId ?? null);
    try {
      await follower.refresh();
    } catch (error) {
      follower.source.close();
      throw error;
    }
    if (follower.source.ended) throw new Fault('NOT_FOUND', 'There is no such post.');
    return follower.source;
  }

  /** Ends every follower. */
  close(): void {
    this.closed = true;
    for (const post of this.posts.values()) for (const follower of followersOf(post)) follower.close();
    clearTimeout(this.next);
    for (const { failed } of this.arrivals.splice(0)) failed(new Error('the watch is closed'));
  }

  private follow(postId: string, viewerId: string | null) {
    const post = this.posts.get(postId) ?? this.watch(postId);
    const refresh = () => this.arrive(post, viewerId);
    const source: EngagementFollower = new EngagementFollower({
      refresh,
      leave: () => this.leave(post, viewerId, source),
    });
    const seat = post.followers.get(viewerId) ?? new Set();
    post.followers.set(viewerId, seat.add(source));
    return { source, refresh };
  }

  private watch(postId: string): WatchedPost {
    // Listening before the first read, so that nothing falls between the two.
    const unlisten = this.options.doorbell.listen(engagementTopic(postId), () => this.move(post));
    const post: WatchedPost = { id: postId, followers: new Map(), unlisten, shown: new Map(), dueAt: 0 };
    this.posts.set(postId, post);
    this.schedulePoll();
    return post;
  }

  private leave(post: WatchedPost, viewerId: string | null, follower: EngagementFollower): void {
    const seat = post.followers.get(viewerId);
    seat?.delete(follower);
    if (seat?.size === 0) post.followers.delete(viewerId);
    if (post.followers.size > 0) return;
    post.unlisten();
    this.posts.delete(post.id);
    this.moved.delete(post);
    if (this.posts.size > 0) return;
    clearTimeout(this.poll);
    this.poll = undefined;
  }

  private move(post: WatchedPost): void {
    if (this.moved.has(post)) return;
    this.moved.add(post);
    this.plan(post.dueAt);
  }

  private arrive(post: WatchedPost, viewerId: string | null): Promise<void> {
    return new Promise((read, failed) => {
      this.arrivals.push({ post, viewerId, read, failed });
      this.plan(0);
    });
  }

  private plan(at: number): void {
    if (this.reading || this.closed || at >= this.nextAt) return;
    clearTimeout(this.next);
    this.nextAt = at;
    // Also when it is due at once: what comes in the same turn of the event loop is read together.
    this.next = setTimeout(() => void this.read(), Math.max(0, at - performance.now()));
  }

  private async read(): Promise<void> {
    this.nextAt = Number.POSITIVE_INFINITY;
    this.reading = true;
    const now = performance.now();
    const due = [...this.moved].filter((post) => post.dueAt <= now);
    const arrivals = this.arrivals.splice(0);
    for (const post of due) this.moved.delete(post);
    try {
      await this.answer(due, arrivals, now);
      this.faults = 0;
      for (const { read } of arrivals) read();
    } catch (err) {
      this.faults += 1;
      this.options.log.warn({ faults: this.faults, err }, 'reading moved counters failed, trying again');
      const pause = Math.min(RETRY_FIRST_MS * 2 ** (this.faults - 1), RETRY_MAX_MS);
      for (const post of due) this.moveAgain(post, performance.now() + pause);
      for (const { failed } of arrivals) failed(err);
    }
    this.reading = false;
    if (this.arrivals.length > 0) this.plan(0);
    for (const { dueAt } of this.moved) this.plan(dueAt);
  }

  /** Reads the counters for everybody who follows a post that is due, and for those who have just come. */
  private async answer(due: readonly WatchedPost[], arrivals: readonly Arrival[], startedAt: number): Promise<void> {
    const asked = new Map(due.map((post) => [post, new Set(post.followers.keys())]));
    for (const { post, viewerId } of arrivals) asked.set(post, (asked.get(post) ?? new Set()).add(viewerId));
    const questions = [...asked].flatMap(([post, viewers]) =>
      [...viewers].map((viewerId): Question => ({ post, postId: post.id, viewerId })),
    );
    const answers: (Counters | null)[] = [];
    for (let i = 0; i < questions.length; i += QUESTIONS_AT_ONCE) {
      answers.push(...(await findEngagement(this.database, questions.slice(i, i + QUESTIONS_AT_ONCE))));
    }
    const now = performance.now();
    const nextBeat = Math.ceil((now + REST_MS) / BEAT_MS) * BEAT_MS;
    const before = new Map([...asked.keys()].map((post) => [post, post.shown]));
    for (const post of due) {
      post.dueAt = nextBeat;
      // What nobody sees any more is forgotten.
      post.shown = new Map();
    }
    for (const [index, { post, viewerId }] of questions.entries()) {
      const counters = answers[index];
      const engagement = counters && show(post, before.get(post), counters);
      for (const follower of [...(post.followers.get(viewerId) ?? [])]) {
        if (follower.since > startedAt) continue;
        if (!engagement) follower.close();
        else if (!follower.offer(engagement, now)) this.moveAgain(post, nextBeat);
      }
    }
  }

  private moveAgain(post: WatchedPost, at: number): void {
    if (this.posts.get(post.id) !== post) return;
    post.dueAt = at;
    this.moved.add(post);
  }

  private schedulePoll(): void {
    if (this.poll || this.closed) return;
    const { doorbell, pollMs, unrungPollMs } = this.options;
    const look = () => {
      this.poll = undefined;
      for (const post of this.posts.values()) this.move(post);
      this.schedulePoll();
    };
    this.poll = setTimeout(look, doorbell.healthy() ? pollMs : Math.min(pollMs, unrungPollMs));
  }
}

function followersOf({ followers }: WatchedPost): EngagementFollower[] {
  return [...followers.values()].flatMap((seat) => [...seat]);
}

function show(post: WatchedPost, before: ReadonlyMap<string, Engagement> | undefined, counters: Counters): Engagement {
  const { likeCount, commentCount } = counters;
  const numbers = `${likeCount}:${commentCount}`;
  const postId = encodeId(POST_PREFIX, post.id);
  const engagement = post.shown.get(numbers) ?? before?.get(numbers) ?? { postId, likeCount, commentCount };
  post.shown.set(numbers, engagement);
  return engagement;
}
