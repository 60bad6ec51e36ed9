import { Arg, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Query, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { readId } from '../../graphql/nodes';
import { costOf, versionsOf } from '../../graphql/pipeline/cost';
import { Unauthenticated } from '../../kernel/errors';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import type { UserRow } from './user.entity';
import { findByHandle, userById } from './user.reader';
import { USER_PREFIX, type UserService } from './user.service';
import { UpdateProfileInput, UpdateProfilePayload, UserCountsType, UserType, ViewerType } from './user.types';

export const VIEWER_PREFIX = 'viewer';

@Resolver(() => UserType)
export class UserResolver {
  constructor(
    private readonly users: UserService,
    private readonly commands: Commands,
  ) {}

  @Extensions(costOf({ reads: ['user'], companions: true, copies: versionsOf('user') }))
  @Query(() => UserType, { nullable: true, description: 'A person by id; null when there is none you may see.' })
  user(@Arg('id', () => ID, { description: 'The id of a user.' }) id: string, @Ctx() context: RequestContext) {
    return context.loaders.find(userById, readId(USER_PREFIX, id));
  }

  @Extensions(costOf({ reads: ['userByHandle'], companions: true }))
  @Query(() => UserType, { nullable: true, description: 'A person by handle; null when there is none you may see.' })
  userByHandle(
    @Arg('handle', () => String, { description: 'Without the @; case does not matter.' }) handle: string,
    @Ctx() context: RequestContext,
  ) {
    return findByHandle(context, handle);
  }

  @FieldResolver(() => ID)
  id(@Root() user: UserRow): string {
    return encodeId(USER_PREFIX, user.id);
  }

  @FieldResolver(() => UserCountsType, { description: 'How many posts, followers and followed people.' })
  counts(@Root() user: UserRow): UserRow {
    return user;
  }

  @Authorized()
  @Mutation(() => UpdateProfilePayload, { description: 'Changes your own profile.' })
  updateProfile(
    @Arg('input', () => UpdateProfileInput, { description: 'The changes.' }) input: UpdateProfileInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'updateProfile',
      execute: (tx, viewer) => this.users.updateProfile(tx, viewer, input),
      answer: async ({ userId }) => ({ user: await context.loaders.load(userById, userId) }),
    });
  }
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, { nullable: true, description: 'The signed-in person; null for an anonymous request.' })
  viewer(@Ctx() context: RequestContext): Viewer | null {
    return context.viewer;
  }

  @FieldResolver(() => ID)
  id(@Root() viewer: Viewer): string {
    return encodeId(VIEWER_PREFIX, viewer.userId);
  }

  @Extensions(costOf({ reads: ['user'], companions: true, copies: versionsOf('user') }))
  @FieldResolver(() => UserType, { description: 'How other people see you.' })
  async user(@Root() viewer: Viewer, @Ctx() context: RequestContext): Promise<UserRow> {
    const user = await context.loaders.load(userById, viewer.userId);
    if (!user) throw new Unauthenticated('This account no longer exists.');
    return user;
  }
}
