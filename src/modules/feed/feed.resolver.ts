import { Args, Ctx, Extensions, FieldResolver, Resolver, Root } from 'type-graphql';
import type { RequestContext } from '../../graphql/context';
import { costOf, versionsOf } from '../../graphql/pipeline/cost';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import type { FeedLists } from './feed.reader';
import { FeedArgs, FeedConnectionType } from './feed.types';

@Resolver(() => ViewerType)
export class FeedResolver {
  constructor(private readonly lists: FeedLists) {}

  @Extensions(costOf({ reads: ['feed'], companions: true, copies: [...versionsOf('feed'), 'feed:whole'] }))
  @FieldResolver(() => FeedConnectionType, { description: 'The home feed, newest first.' })
  feed(@Root() viewer: Viewer, @Args(() => FeedArgs) page: FeedArgs, @Ctx() context: RequestContext) {
    return this.lists.home(context, viewer, page);
  }
}
