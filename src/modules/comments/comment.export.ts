import { encodeId } from '../../kernel/ids';
import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import { POST_PREFIX } from '../posts';
import type { CommentRow } from './comment.entity';
import * as comments from './comment.repository';
import { COMMENT_PREFIX } from './comment.service';

/** Of the posts under which they stand only the ids, since those are other people's. */
export const exportOfComments: ExportSource = {
  name: 'comments',
  about: 'What you wrote under posts and have not deleted; `post` is the id of the post.',
  pages: (executor, { userId }) =>
    shownAs(
      inPages(
        (stretch) => comments.pageOwn(executor, userId, stretch),
        ({ postId, id }) => [postId, id],
      ),
      showComment,
    ),
};

function showComment({ id, postId, text, createdAt, updatedAt }: CommentRow): object {
  return { id: encodeId(COMMENT_PREFIX, id), post: encodeId(POST_PREFIX, postId), text, createdAt, updatedAt };
}
