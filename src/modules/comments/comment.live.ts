import type { RequestContext } from '../../graphql/context';
import type { LiveSource } from '../../graphql/live';
import { liveLog } from '../../graphql/live-log';
import { readId } from '../../graphql/nodes';
import { BadInput, Fault } from '../../kernel/errors';
import { type HubOptions, LogHub } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { isPostVisible, POST_PREFIX } from '../posts';
import type { Admissions } from './comment.admission';
import type { CommentRow } from './comment.entity';
import type { CommentLists } from './comment.reader';
import * as comments from './comment.repository';
import { commentsTopic } from './comment.service';
import type { Sight } from './comment.sight';

export interface CommentStreamDeps {
  readonly hub: LogHub<CommentRow>;
  readonly lists: CommentLists;
  readonly admissions: Admissions;
  readonly sight: Sight;
}

export interface CommentAddedArgs {
  readonly postId: string;
  readonly after?: string | null;
}

/** The columns of a comment beside its text, as objects in memory. */
const ROW_BYTES = 600;

/** Follows the comments of every post that somebody in this process watches. */
export function createCommentHub(database: Database, options: HubOptions): LogHub<CommentRow> {
  return new LogHub<CommentRow>(
    {
      topic: commentsTopic,
      heads: (postIds) => comments.findLastSeqs(database, postIds),
      read: (places, limit) => comments.readThreads(database, places, limit),
      streamOf: ({ postId }) => postId,
      sizeOf: ({ text }) => ROW_BYTES + 2 * text.length,
    },
    options,
  );
}

/**
 * The comments of one post behind a cursor, then each new one, in `seq` order: the cursors are those of
 * `Post.comments(order: OLDEST)`. Ends when the viewer may no longer see the post.
 * @throws Fault NOT_FOUND when the viewer may not see the post, BadInput for a cursor of another list.
 */
export async function openCommentStream(
  { hub, lists, admissions, sight }: CommentStreamDeps,
  args: CommentAddedArgs,
  { db, viewer }: RequestContext,
): Promise<LiveSource<CommentRow>> {
  const postId = readId(POST_PREFIX, args.postId);
  if (!(await isPostVisible(db, viewer, postId))) throw new Fault('NOT_FOUND', 'There is no such post.');
  const newest = (await comments.findLastSeqs(db, [postId])).get(postId) ?? 0;
  const after = args.after == null ? newest : lists.seqOf(postId, args.after);
  if (after > newest) throw new BadInput('No comment of this post has this cursor any more. Leave it out.');
  const added = liveLog(hub.follow(postId, after), {
    admit: (viewer, added) => admissions.admit(viewer, added),
    isPublic: (comment) => admissions.isPublic(comment),
    cursorOf: (comment) => lists.edge(comment).cursor,
  });
  const unwatch = sight.watch(viewer, postId, () => added.close());
  return {
    ...added,
    close() {
      unwatch();
      added.close();
    },
  };
}
