import { encodeId } from '../../kernel/ids';
import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import { namedPerson } from '../accounts';
import { POST_PREFIX } from '../posts';
import * as likes from './like.repository';

export const exportOfLikes: ExportSource = {
  name: 'likes',
  about: 'The posts that you like; `author` is null where you may not see the post any more.',
  pages: (executor, viewer) =>
    shownAs(
      inPages(
        (stretch) => likes.pageOwn(executor, viewer, stretch),
        ({ postId }) => [postId],
      ),
      showLike,
    ),
};

function showLike({ postId, author, likedAt }: likes.OwnLike): object {
  return { post: encodeId(POST_PREFIX, postId), author: author && namedPerson(author), likedAt };
}
