import { RowExtent } from '../../graphql/row-extent';
import type { CommentRow } from './comment.entity';

/** Properties of comments that nothing reads but these fields: a screen that asks for none of them reads rows without. */
export const commentExtent = new RowExtent<CommentRow>({
  version: ['Comment.version'],
  updatedAt: ['Comment.updatedAt'],
  deletedAt: [],
});
