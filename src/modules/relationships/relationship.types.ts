import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { type UserRow, UserType } from '../accounts';
import type { Standing } from './standing.repository';

@ObjectType('Relationship', { description: 'How you stand to a person.' })
export class RelationshipType implements Omit<Standing, 'userId'> {
  @Field(() => Boolean, { description: 'You follow them, and they accepted if they had to.' })
  following!: boolean;

  @Field(() => Boolean, { description: 'They follow you.' })
  followedBy!: boolean;

  @Field(() => Boolean, { description: 'You asked to follow them and wait for their answer.' })
  requested!: boolean;

  @Field(() => Boolean, { description: 'You blocked them: neither of you sees what the other writes.' })
  blocking!: boolean;

  @Field(() => Boolean, { description: 'You muted them: their posts stay out of your feed. They do not learn of it.' })
  muting!: boolean;
}

@InputType('SetRelationshipInput', { description: 'What is left out stays as it is.' })
export class SetRelationshipInput extends MutationInput {
  @Field(() => ID, { description: 'The other person.' })
  userId!: string;

  @Field(() => Boolean, { nullable: true, description: 'Follow (a private account is asked first) or stop.' })
  following?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Block or unblock. A block ends follows both ways.' })
  blocking?: boolean | null;

  @Field(() => Boolean, { nullable: true, description: 'Keep their posts out of your feed, or let them in again.' })
  muting?: boolean | null;
}

@ObjectType('SetRelationshipPayload', {
  implements: MutationPayloadType,
  description: 'What became of setRelationship.',
})
export class SetRelationshipPayload extends MutationPayloadType {
  @Field(() => UserType, { nullable: true, description: 'The other person.' })
  user?: UserRow | null;
}

@InputType('AnswerFollowRequestInput', { description: "The answer to somebody's request to follow you." })
export class AnswerFollowRequestInput extends MutationInput {
  @Field(() => ID, { description: 'The person who asked.' })
  userId!: string;

  @Field(() => Boolean, { description: 'true lets them follow you; false declines without telling them.' })
  accept!: boolean;
}

@ObjectType('AnswerFollowRequestPayload', {
  implements: MutationPayloadType,
  description: 'What became of answerFollowRequest.',
})
export class AnswerFollowRequestPayload extends MutationPayloadType {
  @Field(() => UserType, { nullable: true, description: 'The person who asked.' })
  user?: UserRow | null;
}
