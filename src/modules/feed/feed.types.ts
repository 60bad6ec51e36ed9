import { ArgsType, Field, ObjectType, registerEnumType } from 'type-graphql';
import type { Edge } from '../../graphql/connection';
import { connectionType, edgeType, PageArgs } from '../../graphql/connection.types';
import { type PostRow, PostType } from '../posts';

const FEED_KINDS = { FOLLOWING: 'FOLLOWING' } as const;
const FEED_REASONS = { FOLLOWING: 'FOLLOWING' } as const;

registerEnumType(FEED_KINDS, {
  name: 'FeedKind',
  description: 'Which feed. More may be added.',
  valuesConfig: { FOLLOWING: { description: 'Your posts and those of the people you follow, newest first.' } },
});

registerEnumType(FEED_REASONS, {
  name: 'FeedReason',
  description: 'Why a post stands in a feed. More may be added.',
  valuesConfig: { FOLLOWING: { description: 'You follow its author, or wrote it.' } },
});

@ObjectType('FeedEdge', { description: 'A post in a feed, with its place there and why it is shown.' })
export class FeedEdgeType extends edgeType<PostRow>('Feed', () => PostType) implements Edge<PostRow> {
  @Field(() => FEED_REASONS, { description: 'Why it is shown.' })
  reason!: keyof typeof FEED_REASONS;
}

export const FeedConnectionType = connectionType('Feed', () => PostType, FeedEdgeType);

@ArgsType()
export class FeedArgs extends PageArgs {
  @Field(() => FEED_KINDS, { nullable: true, defaultValue: 'FOLLOWING', description: 'Which feed.' })
  kind?: keyof typeof FEED_KINDS | null;
}
