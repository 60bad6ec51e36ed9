import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export interface CommentRow {
  id: string;
  postId: string;
  /** Counts 1, 2, 3 … within the post, in the order of commits. */
  seq: number;
  authorId: string;
  text: string;
  version: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

@Entity('comments')
export class CommentEntity implements CommentRow {
  @KeyColumn('uuid', 'post_id', 'comments_pkey') postId!: string;
  @KeyColumn('uuid', 'id', 'comments_pkey') id!: string;
  @CountColumn('seq') seq!: number;
  @UuidColumn('author_id') authorId!: string;
  @TextColumn('text') text!: string;
  @CountColumn('version', 1) version!: number;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('updated_at') updatedAt!: string;
  @TimeColumn('deleted_at', { nullable: true }) deletedAt!: string | null;
}

/** The comments of one post as a whole; its lock orders them. */
@Entity('comment_threads')
export class CommentThreadEntity {
  @KeyColumn('uuid', 'post_id', 'comment_threads_pkey') postId!: string;
  @CountColumn('last_seq', 0) lastSeq!: number;
  @CountColumn('comment_count', 0) commentCount!: number;
  @CountColumn('edit_count', 0) editCount!: number;
}
