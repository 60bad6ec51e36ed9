import { encodeId } from '../../kernel/ids';
import { type ExportSource, inPages, shownAs } from '../../platform/export/export-source';
import type { PostRow } from './post.entity';
import * as posts from './post.repository';
import { POST_PREFIX } from './post.service';

export const exportOfPosts: ExportSource = {
  name: 'posts',
  about: 'What you published and have not deleted.',
  pages: (executor, { userId }) =>
    shownAs(
      inPages(
        (stretch) => posts.pageOwn(executor, userId, stretch),
        ({ createdAt, id }) => [createdAt, id],
      ),
      showPost,
    ),
};

function showPost({ id, text, audience, createdAt, updatedAt }: PostRow): object {
  return { id: encodeId(POST_PREFIX, id), text, audience, createdAt, updatedAt };
}
