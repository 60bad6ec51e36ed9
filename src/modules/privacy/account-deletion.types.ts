import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';

@InputType('DeleteAccountInput', { description: 'The account of the request is deleted.' })
export class DeleteAccountInput extends MutationInput {
  @Field(() => String, {
    description: 'The handle of your account, without the @; case does not matter. Have it typed by hand.',
  })
  confirmHandle!: string;
}

@ObjectType('DeleteAccountPayload', { implements: MutationPayloadType, description: 'What became of deleteAccount.' })
export class DeleteAccountPayload extends MutationPayloadType {
  @Field(() => ID, { nullable: true, description: 'The id of the person who is gone: drop what the app has stored.' })
  deletedId?: string | null;
}
