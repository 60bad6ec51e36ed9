import { GraphQLDateTime } from 'graphql-scalars';
import { Extensions, Field, ID, InputType, Int, ObjectType } from 'type-graphql';
import { cacheFor } from '../../graphql/cache-hints';
import { connectionType, edgeType } from '../../graphql/connection.types';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType, VersionedType } from '../../graphql/node.types';
import { SAME_FOR_ALL } from '../../graphql/sharing';
import type { UserRow } from './user.entity';

@Extensions(cacheFor(30))
@Extensions(SAME_FOR_ALL)
@ObjectType('User', { implements: [NodeType, VersionedType], description: 'A person with an account.' })
export class UserType implements Pick<UserRow, 'name' | 'handle' | 'bio' | 'private' | 'version' | 'updatedAt'> {
  @Field(() => ID, { description: 'A TypeID such as user_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => String, { description: 'What this person is called; 1 to 60 characters.' })
  name!: string;

  @Field(() => String, {
    description: 'Unique name, without the @: 3 to 30 letters, digits and underscores. Case is shown but not compared.',
  })
  handle!: string;

  @Field(() => String, { nullable: true, description: 'What this person says of themselves; up to 300 characters.' })
  bio!: string | null;

  @Field(() => Boolean, {
    description: "A private account's posts and lists of people are for accepted followers.",
  })
  private!: boolean;

  @Field(() => GraphQLDateTime, { description: 'When the account was made.' })
  createdAt!: string;

  @Field(() => Int, { description: 'Grows by one with every change of the profile.' })
  version!: number;

  @Field(() => GraphQLDateTime, { description: 'When the profile last changed.' })
  updatedAt!: string;
}

@ObjectType('UserCounts', { description: 'How many; people and posts that you may not see are not counted.' })
export class UserCountsType {}

export const UserEdgeType = edgeType<UserRow>('User', () => UserType);
export const UserConnectionType = connectionType('User', () => UserType, UserEdgeType);

@ObjectType('Viewer', { implements: NodeType, description: 'What belongs to the signed-in person.' })
export class ViewerType {
  @Field(() => ID, { description: 'A TypeID such as viewer_01h455vb4pex5vsknk084sn02q.' })
  id!: string;
}

@InputType('UpdateProfileInput', { description: 'What is left out stays as it is.' })
export class UpdateProfileInput extends MutationInput {
  @Field(() => Int, { nullable: true, description: 'Refuse with ConflictError unless the profile has this version.' })
  ifVersion?: number | null;

  @Field(() => String, { nullable: true, description: 'The new name, 1 to 60 characters.' })
  name?: string | null;

  @Field(() => String, { nullable: true, description: 'The new handle, without the @.' })
  handle?: string | null;

  @Field(() => String, { nullable: true, description: 'The new text, up to 300 characters; null empties it.' })
  bio?: string | null;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Whether posts are for accepted followers only. Opening the account accepts waiting requests.',
  })
  private?: boolean | null;
}

@ObjectType('UpdateProfilePayload', { implements: MutationPayloadType, description: 'What became of updateProfile.' })
export class UpdateProfilePayload extends MutationPayloadType {
  @Field(() => UserType, { nullable: true, description: 'The profile as it is now.' })
  user?: UserRow | null;
}
