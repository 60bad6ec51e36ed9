import { Extensions, Field, ID, Int, ObjectType } from 'type-graphql';
import { SAME_FOR_ALL } from '../../graphql/sharing';

/** The counters of a post for everybody who sees the same of it: they all hold the same object. */
export interface Engagement {
  /** The TypeID. */
  readonly postId: string;
  readonly likeCount: number;
  readonly commentCount: number;
}

@Extensions(SAME_FOR_ALL)
@ObjectType('PostEngagement', { description: 'The counters of one post, as you see them: equal to those of Post.' })
export class PostEngagementType implements Engagement {
  @Field(() => ID, { description: 'The post.' })
  postId!: string;

  @Field(() => Int, { description: 'How many people like it whom you may see.' })
  likeCount!: number;

  @Field(() => Int, { description: 'How many comments you may see.' })
  commentCount!: number;
}
