import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';

@InputType('SignUpInput', { description: 'A new account.' })
export class SignUpInput extends MutationInput {
  @Field(() => String, { description: 'What to be called, 1 to 60 characters.' })
  name!: string;

  @Field(() => String, { description: 'Unique name: 3 to 30 letters, digits and underscores.' })
  handle!: string;

  @Field(() => String, { description: 'For signing in; nobody else sees it. A mail with a link comes to it.' })
  email!: string;

  @Field(() => String, { description: '8 to 128 characters; none of the passwords that everybody tries first.' })
  password!: string;
}

@InputType('SignInInput', { description: 'An account and its password.' })
export class SignInInput extends MutationInput {
  @Field(() => String, { description: 'The e-mail address or the handle.' })
  login!: string;

  @Field(() => String, { description: 'The password.' })
  password!: string;

  @Field(() => String, {
    nullable: true,
    description:
      'The `deviceToken` that the last sign-in on this device answered, so that strangers who guess at the account cannot keep its owner out.',
  })
  deviceToken?: string | null;
}

@InputType('SignOutInput', { description: 'The session of the request is the one that ends.' })
export class SignOutInput extends MutationInput {}

@ObjectType('SignOutPayload', { implements: MutationPayloadType, description: 'What became of signOut.' })
export class SignOutPayload extends MutationPayloadType {}

@ObjectType('AuthPayload', {
  implements: MutationPayloadType,
  description: 'The tokens of a new session. On success the rest of the document runs as the person signed in.',
})
export class AuthPayload extends MutationPayloadType {
  @Field(() => String, {
    nullable: true,
    description: 'A JWT of a few minutes: send it as "Authorization: <tokenType> <accessToken>".',
  })
  accessToken?: string;

  @Field(() => String, {
    nullable: true,
    description: 'Keep it secret. POST /oauth/token exchanges it for a new pair; each works once.',
  })
  refreshToken?: string;

  @Field(() => Int, { nullable: true, description: 'Seconds until the access token ends.' })
  expiresIn?: number;

  @Field(() => String, {
    nullable: true,
    description: 'Keep it, also after signing out, and send it with the next signIn. It opens nothing by itself.',
  })
  deviceToken?: string;

  @Field(() => String, {
    nullable: true,
    description:
      '"DPoP" when the request came with a DPoP proof: both tokens are bound to its key, and each request needs a proof of its own (RFC 9449). Else "Bearer".',
  })
  tokenType?: string;

  @Field(() => ViewerType, { nullable: true, description: 'The person now signed in.' })
  viewer?: Viewer;
}
