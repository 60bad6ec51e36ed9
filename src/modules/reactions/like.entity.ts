import { Entity } from 'typeorm';
import { CountColumn, KeyColumn, TimeColumn } from '../../platform/postgres/columns';

@Entity('likes')
export class LikeEntity {
  @KeyColumn('uuid', 'post_id', 'likes_pkey') postId!: string;
  @KeyColumn('uuid', 'user_id', 'likes_pkey') userId!: string;
  @TimeColumn('created_at') createdAt!: string;
}

@Entity('post_like_counters')
export class PostLikeCounterEntity {
  @KeyColumn('uuid', 'post_id', 'post_like_counters_pkey') postId!: string;
  @CountColumn('likes', 0) likes!: number;
}
