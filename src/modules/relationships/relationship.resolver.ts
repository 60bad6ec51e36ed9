import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, Int, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import { PageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import { type Found, whenFound } from '../../graphql/loader-scope';
import { readInputId } from '../../graphql/nodes';
import { costOf } from '../../graphql/pipeline/cost';
import type { Viewer } from '../../kernel/viewer';
import {
  USER_PREFIX,
  UserConnectionType,
  UserCountsType,
  type UserRow,
  UserType,
  userById,
  ViewerType,
} from '../accounts';
import { countsByUserId, type PeopleLists, standingByUserId } from './relationship.reader';
import type { RelationshipService } from './relationship.service';
import {
  AnswerFollowRequestInput,
  AnswerFollowRequestPayload,
  RelationshipType,
  SetRelationshipInput,
  SetRelationshipPayload,
} from './relationship.types';

@Resolver(() => UserType)
export class UserRelationshipResolver {
  constructor(
    private readonly lists: PeopleLists,
    private readonly relationships: RelationshipService,
    private readonly commands: Commands,
  ) {}

  @Extensions(costOf({ reads: ['standing'], comesAlong: true }))
  @FieldResolver(() => RelationshipType, {
    nullable: true,
    description: 'How you stand to this person; null for an anonymous request.',
  })
  relationship(@Root() user: UserRow, @Ctx() context: RequestContext) {
    return context.loaders.find(standingByUserId, user.id);
  }

  @Extensions(costOf({ reads: ['people'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Who follows this person, newest first.' })
  followers(@Root() user: UserRow, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.page(context, 'followers', user.id, page);
  }

  @Extensions(costOf({ reads: ['people'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Whom this person follows, newest first.' })
  following(@Root() user: UserRow, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.page(context, 'following', user.id, page);
  }

  @Authorized()
  @Mutation(() => SetRelationshipPayload, { description: 'Follows, blocks or mutes a person, or undoes it.' })
  setRelationship(
    @Arg('input', () => SetRelationshipInput, { description: 'The change.' }) input: SetRelationshipInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'setRelationship',
      execute: (tx, viewer) =>
        this.relationships.setRelationship(tx, viewer, readInputId(USER_PREFIX, input.userId, 'userId'), input),
      answer: async ({ userId }) => ({ user: await context.loaders.load(userById, userId) }),
    });
  }

  @Authorized()
  @Mutation(() => AnswerFollowRequestPayload, { description: 'Answers a request to follow you.' })
  answerFollowRequest(
    @Arg('input', () => AnswerFollowRequestInput, { description: 'The answer.' }) input: AnswerFollowRequestInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'answerFollowRequest',
      execute: (tx, viewer) => {
        const followerId = readInputId(USER_PREFIX, input.userId, 'userId');
        return this.relationships.answerFollowRequest(tx, viewer, followerId, input.accept);
      },
      answer: async ({ userId }) => ({ user: await context.loaders.load(userById, userId) }),
    });
  }
}

@Resolver(() => UserCountsType)
export class UserCountsResolver {
  @Extensions(costOf({ reads: ['relationshipCounts'], comesAlong: true }))
  @FieldResolver(() => Int, { description: 'How many people follow this person.' })
  followers(@Root() user: UserRow, @Ctx() context: RequestContext): Found<number> {
    return whenFound(context.loaders.find(countsByUserId, user.id), (counts) => counts.followers);
  }

  @Extensions(costOf({ reads: ['relationshipCounts'], comesAlong: true }))
  @FieldResolver(() => Int, { description: 'How many people this person follows.' })
  following(@Root() user: UserRow, @Ctx() context: RequestContext): Found<number> {
    return whenFound(context.loaders.find(countsByUserId, user.id), (counts) => counts.following);
  }
}

@Resolver(() => ViewerType)
export class ViewerRelationshipsResolver {
  constructor(private readonly lists: PeopleLists) {}

  @Extensions(costOf({ reads: ['people'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Who asks to follow you, newest first.' })
  followRequests(@Root() viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.page(context, 'requests', viewer.userId, page);
  }

  @Extensions(costOf({ reads: ['people'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Whom you blocked, newest first.' })
  blocks(@Root() viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.page(context, 'blocks', viewer.userId, page);
  }

  @Extensions(costOf({ reads: ['people'], companions: true }))
  @FieldResolver(() => UserConnectionType, { description: 'Whom you muted, newest first.' })
  mutes(@Root() viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.page(context, 'mutes', viewer.userId, page);
  }
}
