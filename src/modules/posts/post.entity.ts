import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** Whom a post is for: everybody, accepted followers, or its author alone. */
export type Audience = 'PUBLIC' | 'FOLLOWERS' | 'PRIVATE';

export interface PostRow {
  id: string;
  authorId: string;
  text: string;
  audience: Audience;
  version: number;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
}

@Entity('posts')
export class PostEntity implements PostRow {
  @KeyColumn('uuid', 'id', 'posts_pkey') id!: string;
  @UuidColumn('author_id') authorId!: string;
  @TextColumn('text') text!: string;
  @TextColumn('audience') audience!: Audience;
  @CountColumn('version', 1) version!: number;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('updated_at') updatedAt!: string;
  @TimeColumn('deleted_at', { nullable: true }) deletedAt!: string | null;
}

/** One counter per audience, so that a viewer is shown the sum of those that they may see. */
@Entity('author_post_counters')
export class AuthorPostCountersEntity {
  @KeyColumn('uuid', 'author_id', 'author_post_counters_pkey') authorId!: string;
  @CountColumn('public_posts', 0) publicPosts!: number;
  @CountColumn('follower_posts', 0) followerPosts!: number;
  @CountColumn('private_posts', 0) privatePosts!: number;
}
