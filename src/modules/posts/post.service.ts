import type { Clock } from '../../kernel/clock';
import { conflict, refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Enqueue } from '../../platform/jobs/jobs';
import type { Transaction } from '../../platform/postgres/database';
import type { Audience, PostRow } from './post.entity';
import { canChange } from './post.policy';
import * as posts from './post.repository';

export const POST_PREFIX = 'post';
const POST_TEXT: TextRule = { min: 1, max: 5_000, multiline: true };

/** Job: a post reached more people than before (new, or a wider audience). Payload `{ postId }`. */
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
    await this.announce(tx, row);
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
      await this.announce(tx, { ...post, audience });
    }
    return { postId };
  }

  /** @throws UserErrors NOT_FOUND, FORBIDDEN. */
  async delete(tx: Transaction, viewer: Viewer, postId: string): Promise<void> {
    const post = await this.lockOwn(tx, viewer, postId);
    await posts.markDeleted(tx, postId, this.clock.now());
    await posts.count(tx, post.authorId, post.audience, -1);
  }

  private async lockOwn(tx: Transaction, viewer: Viewer, postId: string): Promise<PostRow> {
    const post = await posts.lockVisible(tx, postId, viewer);
    if (!post) return refuse('NOT_FOUND', 'There is no such post.', ['input', 'id']);
    if (!canChange(viewer, post)) refuse('FORBIDDEN', 'Only its author can change a post.', ['input', 'id']);
    return post;
  }

  private async announce(tx: Transaction, post: PostRow): Promise<void> {
    if (post.audience !== 'PRIVATE') await this.enqueue(tx, POST_PUBLISHED, { postId: post.id });
  }
}
