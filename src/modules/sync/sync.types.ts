import { GraphQLDateTime } from 'graphql-scalars';
import { ArgsType, createUnionType, Field, ID, Int, ObjectType, registerEnumType } from 'type-graphql';
import { PAGE_DEFAULT, PAGE_MAX } from '../../graphql/connection';
import { NodeType } from '../../graphql/node.types';
import { CursorScalar } from '../../graphql/stream-cursor';

export const SYNC_SCOPES = {
  FEED: 'FEED',
  NOTIFICATIONS: 'NOTIFICATIONS',
  MESSAGES: 'MESSAGES',
  SOCIAL_GRAPH: 'SOCIAL_GRAPH',
  PROFILE: 'PROFILE',
} as const;
export type SyncScope = keyof typeof SYNC_SCOPES;

registerEnumType(SYNC_SCOPES, {
  name: 'SyncScope',
  description: 'A part of the copy that an app keeps. More may be added.',
  valuesConfig: {
    FEED: { description: 'Posts of your home feed, and comments that you wrote or that stand under posts of yours.' },
    NOTIFICATIONS: { description: 'Notifications.' },
    MESSAGES: { description: 'Conversations and their messages.' },
    SOCIAL_GRAPH: { description: 'People, and how you stand to them.' },
    PROFILE: { description: 'Your own profile.' },
  },
});

export const REMOVAL_REASONS = { DELETED: 'DELETED', HIDDEN: 'HIDDEN' } as const;

registerEnumType(REMOVAL_REASONS, {
  name: 'RemovalReason',
  description: 'Why a node is gone.',
  valuesConfig: {
    DELETED: { description: 'It exists no longer, for anybody.' },
    HIDDEN: { description: 'You may not see it any more, or it left this part of your copy. It may come back.' },
  },
});

export const RESET_REASONS = {
  CURSOR_EXPIRED: 'CURSOR_EXPIRED',
  CURSOR_INVALID: 'CURSOR_INVALID',
  SLOW_CONSUMER: 'SLOW_CONSUMER',
  AUTHORIZATION_CHANGED: 'AUTHORIZATION_CHANGED',
} as const;
export type ResetReason = keyof typeof RESET_REASONS;

registerEnumType(RESET_REASONS, {
  name: 'ResetReason',
  description: 'Why a stream cannot go on where it was. Whatever it is: drop the local copy and load afresh.',
  valuesConfig: {
    CURSOR_EXPIRED: { description: 'The log does not reach back so far.' },
    CURSOR_INVALID: { description: 'The cursor is not of this log, or the log began anew: a backup was restored.' },
    SLOW_CONSUMER: { description: 'The client reads more slowly than things change.' },
    AUTHORIZATION_CHANGED: { description: 'What you may see changed too widely to be told one by one.' },
  },
});

@ObjectType('NodeUpserted', { description: 'A node that is new to your copy, or changed: as it is now.' })
export class NodeUpsertedType {
  @Field(() => CursorScalar, { description: 'Behind this change.' })
  cursor!: string;

  @Field(() => SYNC_SCOPES, { description: 'The part of your copy that it belongs to.' })
  scope!: SyncScope;

  @Field(() => NodeType, { description: 'The node. It may be newer than the change that is told.' })
  node!: object;
}

@ObjectType('NodeRemoved', { description: 'A node that no longer belongs to this part of your copy.' })
export class NodeRemovedType {
  @Field(() => CursorScalar, { description: 'Behind this change.' })
  cursor!: string;

  @Field(() => SYNC_SCOPES, { description: 'The part of your copy that it belonged to.' })
  scope!: SyncScope;

  @Field(() => ID, { description: 'The id of the node.' })
  nodeId!: string;

  @Field(() => String, { description: 'What kind of node it was, such as Post.' })
  typename!: string;

  @Field(() => REMOVAL_REASONS, { description: 'Why.' })
  reason!: keyof typeof REMOVAL_REASONS;
}

const typeOf = (item: { readonly __typename: string }) => item.__typename;

export const ChangeUnion = createUnionType({
  name: 'Change',
  description: 'One change of your copy.',
  types: () => [NodeUpsertedType, NodeRemovedType] as const,
  resolveType: typeOf as never,
});

@ObjectType('SyncPage', { description: 'Some of what changed for you, in order.' })
export class SyncPageType {
  @Field(() => [ChangeUnion], {
    description: 'The changes. Several of one node since the last page are told once, as the newest.',
  })
  changes!: readonly object[];

  @Field(() => CursorScalar, {
    description: 'Behind this page: send it as `after`, or go on with Subscription.stream.',
  })
  cursor!: string;

  @Field(() => Boolean, { description: 'More is there already: ask again with `cursor`.' })
  hasMore!: boolean;

  @Field(() => Boolean, {
    description:
      'true: `after` is older than the log, or not of this log. Drop the local copy, load afresh, go on from `cursor`.',
  })
  resetRequired!: boolean;
}

@ObjectType('StreamReady', { description: 'The first item of a stream that goes on where you were.' })
export class StreamReadyType {
  @Field(() => CursorScalar, { description: 'The place from which the stream goes on.' })
  cursor!: string;

  @Field(() => Boolean, {
    description:
      'true: every change since `after` follows, in order, once. false: there was no `after`, so nothing before now follows.',
  })
  recovered!: boolean;
}

@ObjectType('StreamReset', {
  description: 'The stream cannot go on where you were: drop the local copy and load afresh. It goes on from `cursor`.',
})
export class StreamResetType {
  @Field(() => CursorScalar, { description: 'What changes after this place follows.' })
  cursor!: string;

  @Field(() => RESET_REASONS, {
    description: 'Why. In one selection with NodeRemoved.reason, which is of another type, give it an alias.',
  })
  reason!: ResetReason;
}

@ObjectType('StreamTick', {
  description: 'Something changed that is none of the scopes asked for: only the place moves.',
})
export class StreamTickType {
  @Field(() => CursorScalar, { description: 'Keep this one.' })
  cursor!: string;

  @Field(() => GraphQLDateTime, { description: 'The clock of the service.' })
  serverTime!: string;
}

export const StreamItemUnion = createUnionType({
  name: 'StreamItem',
  description: 'What a stream delivers. Every item has a cursor: keep the newest.',
  types: () => [StreamReadyType, StreamResetType, StreamTickType, NodeUpsertedType, NodeRemovedType] as const,
  resolveType: typeOf as never,
});

@ArgsType()
export class SyncArgs {
  @Field(() => CursorScalar, {
    nullable: true,
    description: 'What changed behind this place. Without it nothing is told but the place that is now.',
  })
  after?: string | null;

  @Field(() => Int, {
    nullable: true,
    defaultValue: PAGE_DEFAULT,
    description: `How many at most, 1 to ${PAGE_MAX}.`,
  })
  first?: number | null;

  @Field(() => [SYNC_SCOPES], {
    nullable: true,
    description: 'Only these parts of the copy; all of them when left out.',
  })
  scopes?: readonly SyncScope[] | null;
}
