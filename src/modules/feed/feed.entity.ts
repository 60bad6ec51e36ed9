import { Entity } from 'typeorm';
import { KeyColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** One post in one viewer's home feed, written when it was published. Whether it may be shown is asked at page time. */
@Entity('feed_entries')
export class FeedEntryEntity {
  @KeyColumn('uuid', 'viewer_id', 'feed_entries_pkey') viewerId!: string;
  @KeyColumn('uuid', 'post_id', 'feed_entries_pkey') postId!: string;
  @UuidColumn('author_id') authorId!: string;
  @TimeColumn('published_at') publishedAt!: string;
}

/** An author with so many followers that their posts are read at page time instead. Nobody leaves this table. */
@Entity('feed_pull_authors')
export class FeedPullAuthorEntity {
  @KeyColumn('uuid', 'author_id', 'feed_pull_authors_pkey') authorId!: string;
  @TimeColumn('since') since!: string;
}
