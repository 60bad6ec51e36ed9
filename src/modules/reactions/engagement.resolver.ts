import { Arg, Extensions, ID, Resolver, Root, Subscription } from 'type-graphql';
import { costOf } from '../../graphql/pipeline/cost';
import { ATTACHED_SOURCE } from '../../graphql/schema';
import { SAME_FOR_ALL } from '../../graphql/sharing';
import { type Engagement, PostEngagementType } from './engagement.types';

@Resolver()
export class EngagementResolver {
  @Extensions(SAME_FOR_ALL)
  @Extensions(costOf({ reads: ['engagement'] }))
  @Subscription(() => PostEngagementType, {
    subscribe: ATTACHED_SOURCE,
    description:
      'Counters of one post, coalesced; never replayed. First as they are now, then each time they differ, at most twice a second: however much happens in between, the last ones are exact.',
  })
  postEngagement(
    @Root() engagement: Engagement,
    @Arg('postId', () => ID, { description: 'The post to watch.' }) _postId: string,
  ): Engagement {
    return engagement;
  }
}
