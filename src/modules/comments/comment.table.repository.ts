import { mapTable } from '../../platform/postgres/mapping';
import { raw, type Statement } from '../../platform/postgres/sql';
import { CommentEntity, type CommentRow } from './comment.entity';
import { commentExtent } from './comment.extent';

export const COMMENTS = mapTable<CommentRow>(CommentEntity, commentExtent.inWholeOnly);

export type CommentOrder = 'OLDEST' | 'NEWEST';

export const DIRECTION: Record<CommentOrder, { readonly order: Statement; readonly beyond: Statement }> = {
  OLDEST: { order: raw('ASC'), beyond: raw('>') },
  NEWEST: { order: raw('DESC'), beyond: raw('<') },
};
