import type { RequestContext } from '../../graphql/context';
import type { EventSource } from '../../graphql/live';
import { readId } from '../../graphql/nodes';
import { Fault } from '../../kernel/errors';
import { followLog } from '../../platform/changelog/follow';
import type { Doorbell } from '../../platform/redis/doorbell';
import type { Log } from '../../platform/telemetry/log';
import { isPostVisible, POST_PREFIX } from '../posts';
import type { CommentRow } from './comment.entity';
import { type CommentLists, commentById } from './comment.reader';
import * as comments from './comment.repository';
import { commentsTopic } from './comment.service';

export interface CommentStreamDeps {
  readonly doorbell: Doorbell;
  readonly lists: CommentLists;
  readonly pollMs: number;
  readonly log: Log;
}

export interface CommentAddedArgs {
  readonly postId: string;
  readonly after?: string | null;
}

const BACKFILL_PAGE = 100;

/**
 * The comments of one post behind a cursor, then each new one, in `seq` order: the cursors are those of
 * `Post.comments(order: OLDEST)`. Ends when the viewer may no longer see the post.
 * @throws Fault NOT_FOUND when the viewer may not see the post, BadInput for a cursor of another list.
 */
export async function openCommentStream(
  { doorbell, lists, pollMs, log }: CommentStreamDeps,
  args: CommentAddedArgs,
  context: RequestContext,
): Promise<EventSource<CommentRow>> {
  const { db, viewer } = context;
  const postId = readId(POST_PREFIX, args.postId);
  if (!(await isPostVisible(db, viewer, postId))) throw new Fault('NOT_FOUND', 'There is no such post.');
  const after = args.after == null ? await comments.findLastSeq(db, postId) : lists.seqOf(postId, args.after);
  const added = followLog<CommentRow>({
    doorbell,
    topic: commentsTopic(postId),
    after,
    async readAfter(seq) {
      // The page is filtered by its authors, the stream as a whole by its post.
      if (!(await isPostVisible(db, viewer, postId))) return null;
      const page = { order: 'OLDEST', limit: BACKFILL_PAGE, after: [seq] } as const;
      return comments.pageByPosts(db, viewer, [postId], page);
    },
    pollMs,
    log,
  });
  return Object.assign(added, {
    admits: async ({ loaders }: RequestContext, { id }: CommentRow) => (await loaders.load(commentById, id)) !== null,
  });
}
