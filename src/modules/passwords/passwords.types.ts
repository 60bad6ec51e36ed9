import { Field, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';

@InputType('ChangePasswordInput', { description: 'The old password and the new one.' })
export class ChangePasswordInput extends MutationInput {
  @Field(() => String, { description: 'The password as it is.' })
  currentPassword!: string;

  @Field(() => String, { description: '8 to 128 characters; none of the passwords that everybody tries first.' })
  newPassword!: string;

  @Field(() => Boolean, {
    nullable: true,
    description: 'Leave the other sessions of the account signed in; they are ended otherwise.',
  })
  keepOtherSessions?: boolean | null;
}

@InputType('ChangeEmailInput', { description: 'The new address.' })
export class ChangeEmailInput extends MutationInput {
  @Field(() => String, { description: 'The new address. A mail with a link comes to it.' })
  email!: string;

  @Field(() => String, { nullable: true, description: 'The password of the account, where it has one.' })
  password?: string | null;
}

@InputType('RequestEmailVerificationInput', { description: 'The address of the account is the one that is meant.' })
export class RequestEmailVerificationInput extends MutationInput {}

@InputType('VerifyEmailInput', { description: 'What stands in the link.' })
export class VerifyEmailInput extends MutationInput {
  @Field(() => String, { description: 'The `token` in the fragment of the link. It works once.' })
  token!: string;
}

@InputType('RequestPasswordResetInput', { description: 'Whose password is to be reset.' })
export class RequestPasswordResetInput extends MutationInput {
  @Field(() => String, { description: 'The e-mail address of the account.' })
  email!: string;
}

@InputType('ResetPasswordInput', { description: 'What stands in the link, and the new password.' })
export class ResetPasswordInput extends MutationInput {
  @Field(() => String, { description: 'The `token` in the fragment of the link. It works once.' })
  token!: string;

  @Field(() => String, { description: '8 to 128 characters; none of the passwords that everybody tries first.' })
  newPassword!: string;
}

@ObjectType('ChangePasswordPayload', { implements: MutationPayloadType, description: 'What became of changePassword.' })
export class ChangePasswordPayload extends MutationPayloadType {}

@ObjectType('ChangeEmailPayload', { implements: MutationPayloadType, description: 'What became of changeEmail.' })
export class ChangeEmailPayload extends MutationPayloadType {}

@ObjectType('RequestEmailVerificationPayload', {
  implements: MutationPayloadType,
  description: 'What became of requestEmailVerification.',
})
export class RequestEmailVerificationPayload extends MutationPayloadType {}

@ObjectType('VerifyEmailPayload', { implements: MutationPayloadType, description: 'What became of verifyEmail.' })
export class VerifyEmailPayload extends MutationPayloadType {}

@ObjectType('RequestPasswordResetPayload', {
  implements: MutationPayloadType,
  description: 'What became of requestPasswordReset: the same whether or not there is such an account.',
})
export class RequestPasswordResetPayload extends MutationPayloadType {}

@ObjectType('ResetPasswordPayload', { implements: MutationPayloadType, description: 'What became of resetPassword.' })
export class ResetPasswordPayload extends MutationPayloadType {}
