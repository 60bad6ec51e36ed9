import { GraphQLDateTime } from 'graphql-scalars';
import { Field, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';

@InputType('ConfirmIdentityInput', { description: 'What shows once more who you are.' })
export class ConfirmIdentityInput extends MutationInput {
  @Field(() => String, { description: 'The password.' })
  password!: string;
}

@ObjectType('ConfirmIdentityPayload', {
  implements: MutationPayloadType,
  description: 'What became of showing once more who you are.',
})
export class ConfirmIdentityPayload extends MutationPayloadType {
  @Field(() => GraphQLDateTime, {
    nullable: true,
    description: 'Until when this session may do what is critical, signed by the same key.',
  })
  confirmedUntil?: string;
}
