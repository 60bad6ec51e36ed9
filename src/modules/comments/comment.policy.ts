import { isSelf, type MaybeViewer } from '../../kernel/viewer';
import type { CommentRow } from './comment.entity';

type Authored = Pick<CommentRow, 'authorId'>;

/** Its author alone. */
export function canEdit(viewer: MaybeViewer, comment: Authored): boolean {
  return isSelf(viewer, comment.authorId);
}

/** Its author, and the author of the post that it stands under. */
export function canDelete(viewer: MaybeViewer, comment: Authored & { readonly postAuthorId: string }): boolean {
  return isSelf(viewer, comment.authorId) || isSelf(viewer, comment.postAuthorId);
}
