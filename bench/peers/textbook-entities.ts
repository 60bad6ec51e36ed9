/** The tables as TypeORM sees them, and those of them that the schema shows. */
import { Field, ID, ObjectType } from 'type-graphql';
import { Column, Entity, JoinColumn, ManyToOne, PrimaryColumn } from 'typeorm';

@ObjectType()
@Entity({ name: 'users' })
export class User {
  @Field(() => ID) @PrimaryColumn('uuid') id!: string;
  @Field(() => String) @Column('text') name!: string;
  @Field(() => String) @Column('text') handle!: string;
  @Field(() => String, { nullable: true }) @Column('text', { nullable: true }) bio!: string | null;
  @Column('boolean') private!: boolean;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
}

@ObjectType()
@Entity({ name: 'posts' })
export class Post {
  @Field(() => ID) @PrimaryColumn('uuid') id!: string;
  @Field(() => String) @Column('text') text!: string;
  @Column('text') audience!: string;
  @Field(() => Date) @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
  @Column('uuid', { name: 'author_id' }) authorId!: string;
  @ManyToOne(() => User) @JoinColumn({ name: 'author_id' }) author!: User;
}

@ObjectType()
@Entity({ name: 'comments' })
export class Comment {
  @Field(() => ID) @PrimaryColumn('uuid') id!: string;
  @Column('uuid', { name: 'post_id' }) postId!: string;
  @Column('integer') seq!: number;
  @Field(() => String) @Column('text') text!: string;
  @Field(() => Date) @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
  @Column('timestamptz', { name: 'updated_at' }) updatedAt!: Date;
  @Column('timestamptz', { name: 'deleted_at', nullable: true }) deletedAt!: Date | null;
  @Column('uuid', { name: 'author_id' }) authorId!: string;
  @ManyToOne(() => User) @JoinColumn({ name: 'author_id' }) author!: User;
}

@Entity({ name: 'likes' })
export class Like {
  @PrimaryColumn('uuid', { name: 'post_id' }) postId!: string;
  @PrimaryColumn('uuid', { name: 'user_id' }) userId!: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt!: Date;
}

@Entity({ name: 'feed_entries' })
export class FeedEntry {
  @PrimaryColumn('uuid', { name: 'viewer_id' }) viewerId!: string;
  @PrimaryColumn('uuid', { name: 'post_id' }) postId!: string;
  @Column('timestamptz', { name: 'published_at' }) publishedAt!: Date;
  @ManyToOne(() => Post) @JoinColumn({ name: 'post_id' }) post!: Post;
}

@Entity({ name: 'post_like_counters' })
export class LikeCounter {
  @PrimaryColumn('uuid', { name: 'post_id' }) postId!: string;
  @Column('integer') likes!: number;
}

@Entity({ name: 'comment_threads' })
export class Thread {
  @PrimaryColumn('uuid', { name: 'post_id' }) postId!: string;
  @Column('integer', { name: 'last_seq' }) lastSeq!: number;
  @Column('integer', { name: 'comment_count' }) commentCount!: number;
}

@Entity({ name: 'relationship_counters' })
export class RelationshipCounter {
  @PrimaryColumn('uuid', { name: 'user_id' }) userId!: string;
  @Column('integer') followers!: number;
  @Column('integer') following!: number;
}

@Entity({ name: 'author_post_counters' })
export class PostCounter {
  @PrimaryColumn('uuid', { name: 'author_id' }) authorId!: string;
  @Column('integer', { name: 'public_posts' }) publicPosts!: number;
}
