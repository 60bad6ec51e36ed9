import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import type { PasskeyRow } from './passkey.entity';

const RESPONSE = 'The JSON text that the platform answered, as it is.';

@InputType('BeginPasskeySignUpInput', { description: 'A new account that a passkey will open.' })
export class BeginPasskeySignUpInput extends MutationInput {
  @Field(() => String, { description: 'What to be called, 1 to 60 characters.' })
  name!: string;

  @Field(() => String, { description: 'Unique name: 3 to 30 letters, digits and underscores.' })
  handle!: string;
}

@InputType('FinishPasskeySignUpInput', { description: 'The passkey that the platform made for the account.' })
export class FinishPasskeySignUpInput extends MutationInput {
  @Field(() => String, { description: RESPONSE })
  response!: string;
}

@InputType('BeginPasskeySignInInput', { description: 'Whose passkey is wanted, or nothing.' })
export class BeginPasskeySignInInput extends MutationInput {
  @Field(() => String, {
    nullable: true,
    description:
      'The e-mail address or the handle, where the person has typed one: then the passkey must be of that account. Left out, the person chooses.',
  })
  login?: string | null;
}

@InputType('FinishPasskeySignInInput', { description: 'What the passkey answered.' })
export class FinishPasskeySignInInput extends MutationInput {
  @Field(() => String, { description: RESPONSE })
  response!: string;
}

@InputType('BeginPasskeyConfirmationInput', { description: 'The passkey must be of the person signed in.' })
export class BeginPasskeyConfirmationInput extends MutationInput {}

@InputType('FinishPasskeyConfirmationInput', { description: 'What the passkey answered.' })
export class FinishPasskeyConfirmationInput extends MutationInput {
  @Field(() => String, { description: RESPONSE })
  response!: string;
}

@InputType('BeginPasskeyRegistrationInput', { description: 'The passkey will be of the person signed in.' })
export class BeginPasskeyRegistrationInput extends MutationInput {}

@InputType('FinishPasskeyRegistrationInput', { description: 'The passkey that the platform made.' })
export class FinishPasskeyRegistrationInput extends MutationInput {
  @Field(() => String, { description: RESPONSE })
  response!: string;

  @Field(() => String, {
    nullable: true,
    description: 'What its owner calls it, 1 to 60 characters; the name of what keeps it when left out.',
  })
  name?: string | null;
}

@InputType('RenamePasskeyInput', { description: 'Another name for a passkey of yours.' })
export class RenamePasskeyInput extends MutationInput {
  @Field(() => ID, { description: 'The id of the passkey.' })
  passkeyId!: string;

  @Field(() => String, { description: '1 to 60 characters.' })
  name!: string;
}

@InputType('RemovePasskeyInput', { description: 'A passkey of yours.' })
export class RemovePasskeyInput extends MutationInput {
  @Field(() => ID, { description: 'The id of the passkey.' })
  passkeyId!: string;
}

@ObjectType('PasskeyOptionsPayload', {
  implements: MutationPayloadType,
  description: 'What to ask the platform. It is good for one answer within five minutes.',
})
export class PasskeyOptionsPayload extends MutationPayloadType {
  @Field(() => String, {
    nullable: true,
    description:
      'JSON text for the platform: PublicKeyCredentialCreationOptionsJSON where a passkey is to be made, PublicKeyCredentialRequestOptionsJSON where one is to be used (WebAuthn §5.1). Android and React Native take it as it is.',
  })
  options?: string;
}

@ObjectType('Passkey', { description: 'A key on a phone, in a password manager or on a stick that opens the account.' })
export class PasskeyType implements Pick<PasskeyRow, 'name' | 'synced' | 'backedUp' | 'createdAt' | 'lastUsedAt'> {
  @Field(() => String, { description: 'What its owner calls it.' })
  name!: string;

  @Field(() => Boolean, { description: 'It can be copied to other devices of its owner; else it stays where it is.' })
  synced!: boolean;

  @Field(() => Boolean, { description: 'It was kept in a second place when it was last used.' })
  backedUp!: boolean;

  @Field(() => GraphQLDateTime, { description: 'When it was added.' })
  createdAt!: string;

  @Field(() => GraphQLDateTime, { nullable: true, description: 'When it last opened the account; null for never.' })
  lastUsedAt!: string | null;
}

@ObjectType('PasskeyPayload', { implements: MutationPayloadType, description: 'What became of a passkey.' })
export class PasskeyPayload extends MutationPayloadType {
  @Field(() => PasskeyType, { nullable: true, description: 'The passkey as it is now.' })
  passkey?: PasskeyRow | null;
}

@ObjectType('RemovePasskeyPayload', { implements: MutationPayloadType, description: 'What became of removePasskey.' })
export class RemovePasskeyPayload extends MutationPayloadType {
  @Field(() => ID, {
    nullable: true,
    description: 'The id of the passkey, which opens nothing any more. The platform may still offer it.',
  })
  removedId?: string | null;
}
