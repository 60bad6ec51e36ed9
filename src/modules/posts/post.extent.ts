import { RowExtent } from '../../graphql/row-extent';
import type { PostRow } from './post.entity';

/** Properties of posts that nothing reads but these fields: a screen that asks for none of them reads rows without. */
export const postExtent = new RowExtent<PostRow>({
  audience: ['Post.audience'],
  version: ['Post.version'],
  updatedAt: ['Post.updatedAt'],
  deletedAt: [],
});
