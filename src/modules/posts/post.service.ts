import type { Clock } from '../../kernel/clock';
import { conflict, refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Touched } from '../../platform/cache/touched';
import { type ChangeLog, newEventId } from '../../platform/changelog/change-log';
import type { SharedChange, Spread } from '../../platform/changelog/spread';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Transaction } from '../../platform/postgres/database';
import { FOLLOWERS } from '../accounts';
import type { Audience, PostRow } from './post.entity';
import { canChange } from './post.policy';
import * as posts from './post.repository';
import { authorPostsTag, postTag } from './post.tags';

export const POST_PREFIX = 'post';
const POST_TEXT: TextRule = { min: 1, max: 5_000, multiline: true };

/** Job: a post is there for other people than before (new, or another audience). Payload `{ postId, eventId }`. */
export const POST_PUBLISHED = 'posts.published';

export interface NewPost {
  /** Made by the app; a fresh one when left out. */
  readonly id: string | null;
  readonly text: string;
  readonly audience: Audience;
}

export interface PostChange {
  readonly ifVersion?: number | null;
  readonly text?: string | null;
  readonly audience?: Audience | null;
}

export class PostService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly enqueue: Enqueue,
    private readonly changes: ChangeLog,
    private readonly spread: Spread,
    private readonly touched: Touched,
  ) {}

  /** @throws UserErrors INVALID; CONFLICT when the id is taken, by whatever and whomever. */
  async publish(tx: Transaction, viewer: Viewer, post: NewPost): Promise<{ postId: string }> {
    const check = new InputCheck();
    const text = check.text(['input', 'text'], post.text, POST_TEXT);
    check.done();
    const now = this.clock.now();
    const id = post.id ?? this.newId();
    const row: PostRow = {
      id,
      authorId: viewer.userId,
      text,
      audience: post.audience,
      version: 1,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    };
    if (!(await posts.insert(tx, row))) refuse('CONFLICT', 'This id is taken. Make a new one.', ['input', 'id']);
    await posts.count(tx, viewer.userId, post.audience, 1);
    this.touched.add(tx, postTag(id), authorPostsTag(row.authorId));
    this.changes.add(tx, { viewerId: row.authorId, ...changeOf(row) });
    if (row.audience !== 'PRIVATE') await this.announce(tx, row.id);
    return { postId: id };
  }

  /** Changes what is given and leaves the rest. @throws UserErrors NOT_FOUND, FORBIDDEN, INVALID, CONFLICT. */
  async edit(tx: Transaction, viewer: Viewer, postId: string, change: PostChange): Promise<{ postId: string }> {
    const post = await this.lockOwn(tx, viewer, postId);
    if (change.ifVersion != null && change.ifVersion !== post.version) throw conflict('post', POST_PREFIX, post);
    const check = new InputCheck();
    const text = change.text == null ? post.text : check.text(['input', 'text'], change.text, POST_TEXT);
    check.done();
    const audience = change.audience ?? post.audience;
    await posts.update(tx, { id: postId, text, audience, updatedAt: this.clock.now() });
    if (audience !== post.audience) {
      await posts.count(tx, post.authorId, post.audience, -1);
      await posts.count(tx, post.authorId, audience, 1);
    }
    this.touched.add(tx, postTag(postId), authorPostsTag(post.authorId));
    const edited = changeOf({ id: postId, version: post.version + 1 });
    this.changes.add(tx, { viewerId: post.authorId, ...edited });
    // Followers learn of what they lose as well; what they never had stays unknown to them.
    if (audience !== post.audience && audience !== 'PRIVATE') await this.announce(tx, postId);
    else if (post.audience !== 'PRIVATE') await this.spread.add(tx, { name: FOLLOWERS, id: post.authorId }, edited);
    return { postId };
  }

  /** @throws UserErrors NOT_FOUND, FORBIDDEN. */
  async delete(tx: Transaction, viewer: Viewer, postId: string): Promise<void> {
    const post = await this.lockOwn(tx, viewer, postId);
    await posts.markDeleted(tx, postId, this.clock.now());
    await posts.count(tx, post.authorId, post.audience, -1);
    this.touched.add(tx, postTag(postId), authorPostsTag(post.authorId));
    const deleted = { ...changeOf({ id: postId, version: post.version + 1 }), deleted: true };
    this.changes.add(tx, { viewerId: post.authorId, ...deleted });
    if (post.audience !== 'PRIVATE') await this.spread.add(tx, { name: FOLLOWERS, id: post.authorId }, deleted);
  }

  private async lockOwn(tx: Transaction, viewer: Viewer, postId: string): Promise<PostRow> {
    const post = await posts.lockVisible(tx, postId, viewer);
    if (!post) return refuse('NOT_FOUND', 'There is no such post.', ['input', 'id']);
    if (!canChange(viewer, post)) refuse('FORBIDDEN', 'Only its author can change a post.', ['input', 'id']);
    return post;
  }

  private async announce(tx: Transaction, postId: string): Promise<void> {
    await this.enqueue(tx, POST_PUBLISHED, { postId, eventId: newEventId() });
  }
}

function changeOf({ id, version }: Pick<PostRow, 'id' | 'version'>): SharedChange {
  return { scope: 'FEED', kind: POST_PREFIX, nodeId: id, version };
}
