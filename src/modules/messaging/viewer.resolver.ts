import { Args, Ctx, Extensions, FieldResolver, Int, Resolver, Root } from 'type-graphql';
import { beforehand } from '../../graphql/beforehand';
import { PageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import { costOf } from '../../graphql/pipeline/cost';
import { CursorScalar, type StreamCursors, streamPosition } from '../../graphql/stream-cursor';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import { type ConversationLists, countUnread } from './conversation.reader';
import { BadgesType, ConversationConnectionType } from './conversation.types';

@Resolver(() => ViewerType)
export class ViewerConversationsResolver {
  constructor(private readonly lists: ConversationLists) {}

  @Extensions(costOf({ reads: ['conversations'] }))
  @FieldResolver(() => ConversationConnectionType, { description: 'What you take part in, the liveliest first.' })
  conversations(@Root() _viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.ofViewer(context, 'active', page);
  }

  @Extensions(costOf({ reads: ['messageRequests'] }))
  @FieldResolver(() => ConversationConnectionType, {
    description: 'What people whom you do not follow ask you to take part in, the liveliest first.',
  })
  messageRequests(@Root() _viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.ofViewer(context, 'requested', page);
  }

  @FieldResolver(() => BadgesType, { description: 'How much there is to look at.' })
  badges(@Root() viewer: Viewer): Viewer {
    return viewer;
  }
}

const readPosition = async ({ loaders, viewer }: RequestContext) =>
  viewer && loaders.load(streamPosition, viewer.userId);

@Resolver(() => BadgesType)
export class BadgesResolver {
  constructor(private readonly cursors: StreamCursors) {}

  @Extensions(costOf({ reads: ['unreadConversations'] }))
  @FieldResolver(() => Int, {
    description: 'How many of your conversations have something unread. Requests do not count.',
  })
  unreadConversations(@Root() viewer: Viewer, @Ctx() context: RequestContext): Promise<number> {
    return countUnread(context, viewer);
  }

  @Extensions({ ...costOf({ reads: ['streamPosition'] }), ...beforehand(readPosition) })
  @FieldResolver(() => CursorScalar, {
    description: 'The place in your change log up to which these numbers are true: changes behind it may change them.',
  })
  async asOf(@Root() { userId }: Viewer, @Ctx() { loaders }: RequestContext): Promise<string> {
    return this.cursors.encode(userId, await loaders.load(streamPosition, userId));
  }
}
