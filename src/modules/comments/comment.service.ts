import type { Clock } from '../../kernel/clock';
import { conflict, refuse } from '../../kernel/errors';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Touched } from '../../platform/cache/touched';
import type { Change, ChangeLog } from '../../platform/changelog/change-log';
import type { Task } from '../../platform/jobs/jobs';
import type { Database, Transaction } from '../../platform/postgres/database';
import type { Doorbell, Topic } from '../../platform/redis/doorbell';
import { engagementTopic, findVisiblePosts } from '../posts';
import type { PairChanged } from '../relationships';
import { canDelete, canEdit } from './comment.policy';
import * as comments from './comment.repository';
import { threadTag } from './comment.tags';

export const COMMENT_PREFIX = 'comment';
const COMMENT_TEXT: TextRule = { min: 1, max: 2_000, multiline: true };

export interface NewComment {
  /** Made by the app; a fresh one when left out. */
  readonly id: string | null;
  readonly postId: string;
  readonly text: string;
}

/** What rings when a post's list of comments has grown. */
export function commentsTopic(postId: string): Topic {
  return `comments:${postId}`;
}

export class CommentService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly changes: ChangeLog,
    private readonly doorbell: Doorbell,
    private readonly touched: Touched,
  ) {}

  /** @throws UserErrors INVALID, NOT_FOUND (the post), CONFLICT (the id is taken, by whatever and whomever). */
  async add(tx: Transaction, viewer: Viewer, comment: NewComment): Promise<{ commentId: string; postId: string }> {
    const { postId } = comment;
    const text = checkedText(comment.text);
    const [found] = await findVisiblePosts(tx, [postId], viewer);
    if (!found) return refuse('NOT_FOUND', 'There is no such post.', ['input', 'postId']);
    if (comment.id !== null && !(await comments.reserveId(tx, comment.id))) {
      refuse('CONFLICT', 'This id is taken. Make a new one.', ['input', 'id']);
    }
    const id = comment.id ?? this.newId();
    const now = this.clock.now();
    comments.append(tx, {
      id,
      postId,
      authorId: viewer.userId,
      text,
      version: 1,
      createdAt: now,
      updatedAt: now,
      deletedAt: null,
    });
    this.touched.add(tx, threadTag(postId));
    this.report(tx, { id, version: 1, authorId: viewer.userId, postAuthorId: found.node.authorId });
    tx.afterCommit(() => this.doorbell.ring(commentsTopic(postId), engagementTopic(postId)));
    return { commentId: id, postId };
  }

  /** @throws UserErrors NOT_FOUND, FORBIDDEN, INVALID, CONFLICT. */
  async edit(tx: Transaction, viewer: Viewer, id: string, change: { text: string; ifVersion?: number | null }) {
    const comment = await this.lock(tx, viewer, id);
    if (!canEdit(viewer, comment)) refuse('FORBIDDEN', 'Only its author can edit a comment.', ['input', 'id']);
    if (change.ifVersion != null && change.ifVersion !== comment.version)
      throw conflict('comment', COMMENT_PREFIX, comment);
    await comments.updateText(tx, comment, checkedText(change.text), this.clock.now());
    this.touched.add(tx, threadTag(comment.postId));
    this.report(tx, { ...comment, version: comment.version + 1 });
    return { commentId: id };
  }

  /** @throws UserErrors NOT_FOUND, FORBIDDEN. */
  async delete(tx: Transaction, viewer: Viewer, id: string): Promise<void> {
    const comment = await this.lock(tx, viewer, id);
    if (!canDelete(viewer, comment)) {
      refuse('FORBIDDEN', 'Only its author and the author of the post can delete a comment.', ['input', 'id']);
    }
    await comments.markDeleted(tx, comment, this.clock.now());
    await comments.uncount(tx, comment.postId);
    this.touched.add(tx, threadTag(comment.postId));
    this.report(tx, { ...comment, version: comment.version + 1 }, { deleted: true });
    tx.afterCommit(() => this.doorbell.ring(engagementTopic(comment.postId)));
  }

  /** Task: a block hides what two people wrote under each other's posts from both, and shows it again when it is lifted. */
  reportBlock(database: Database): Task {
    return async (payload) => {
      const { viewerId: one, otherId: other, eventId } = payload as PairChanged;
      const between = await comments.findBetween(database, one, other);
      const about = between.map((nodeId) => ({ scope: 'FEED', kind: COMMENT_PREFIX, nodeId }));
      const both = [one, other].flatMap((viewerId) => about.map((change) => ({ ...change, viewerId })));
      await this.changes.appendOnce(database, eventId, both);
    };
  }

  /** To the writer and to whose post it is; added twice for one person, it is one entry. */
  private report(tx: Transaction, comment: Changed, how: Pick<Change, 'deleted'> = {}): void {
    const { id: nodeId, version, authorId, postAuthorId } = comment;
    for (const viewerId of [authorId, postAuthorId]) {
      this.changes.add(tx, { viewerId, scope: 'FEED', kind: COMMENT_PREFIX, nodeId, version, ...how });
    }
  }

  private async lock(tx: Transaction, viewer: Viewer, id: string) {
    const comment = await comments.lockVisible(tx, id, viewer);
    return comment ?? refuse('NOT_FOUND', 'There is no such comment.', ['input', 'id']);
  }
}

interface Changed {
  readonly id: string;
  readonly version: number;
  readonly authorId: string;
  readonly postAuthorId: string;
}

function checkedText(value: string): string {
  const check = new InputCheck();
  const text = check.text(['input', 'text'], value, COMMENT_TEXT);
  check.done();
  return text;
}
