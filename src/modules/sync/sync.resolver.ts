import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, Resolver, Root, Subscription } from 'type-graphql';
import { beforehand } from '../../graphql/beforehand';
import type { RequestContext } from '../../graphql/context';
import { costOf, versionsOf } from '../../graphql/pipeline/cost';
import { ATTACHED_SOURCE } from '../../graphql/schema';
import { CursorScalar, streamPosition } from '../../graphql/stream-cursor';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import type { ChangeReader } from './change.reader';
import type { StreamEvent } from './stream.live';
import { StreamItemUnion, SYNC_SCOPES, SyncArgs, SyncPageType, type SyncScope } from './sync.types';

/** What nodes of any kind are read through. */
const NODES = [
  'node:user',
  'node:post',
  'node:feedPost',
  'node:comment',
  'node:conversation',
  'node:message',
  'node:export',
];
const COPIES = ['node:user', 'node:post'].flatMap(versionsOf);

@Resolver(() => ViewerType)
export class SyncResolver {
  constructor(private readonly changes: ChangeReader) {}

  @Extensions(costOf({ reads: ['position', 'changes', ...NODES], copies: COPIES }))
  // Read before all else in the operation: what changes meanwhile is behind the cursor, never before it.
  @Extensions(beforehand(async ({ viewer, loaders }) => viewer && loaders.load(streamPosition, viewer.userId)))
  @FieldResolver(() => SyncPageType, {
    description:
      'Everything that changed for you behind `after`, removals included: the pull side of Subscription.stream. Without `after`, the place that is now: whatever else this operation reads is at least as new.',
  })
  sync(@Root() viewer: Viewer, @Args(() => SyncArgs) args: SyncArgs, @Ctx() context: RequestContext) {
    return this.changes.page(context, viewer, args);
  }
}

@Resolver()
export class StreamResolver {
  constructor(private readonly changes: ChangeReader) {}

  @Authorized()
  @Extensions(costOf({ reads: ['position', ...NODES], copies: COPIES }))
  @Subscription(() => StreamItemUnion, {
    subscribe: ATTACHED_SOURCE,
    description:
      'Everything that changes for you, as it happens: the push side of Viewer.sync, with the same cursors. The first item is StreamReady or StreamReset. `after: null` means from now on. After a lost connection, subscribe again with the newest cursor received.',
  })
  stream(
    @Root() event: StreamEvent,
    @Ctx() context: RequestContext,
    @Arg('after', () => CursorScalar, { nullable: true, description: 'Continue behind this place.' }) _after?: string,
    @Arg('scopes', () => [SYNC_SCOPES], {
      nullable: true,
      description: 'Only these parts of the copy; all of them when left out.',
    })
    _scopes?: SyncScope[],
  ) {
    return event.__typename === 'Changed' ? this.changes.show(context, event.entry, event.cursor) : event;
  }
}
