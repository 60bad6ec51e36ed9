import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, ObjectType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import type { IdentityRow } from './identity.entity';

const ISSUER = 'The name or the URL of the issuer that it must be of; the token itself says so when left out.';
const ID_TOKEN = "The issuer's ID token as it came. It is taken once.";
const NONCE =
  'What the app made for this sign-in; must be given when the issuer wrote it, or its hash, into the token.';

@ObjectType('Identity', { description: 'Who you are at another issuer, by which you can sign in here.' })
export class IdentityType implements Pick<IdentityRow, 'linkedAt' | 'signedInAt'> {
  @Field(() => ID, { description: 'A TypeID such as identity_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => String, { description: 'What this service calls the issuer, such as accounts.google.com.' })
  issuer!: string;

  @Field(() => GraphQLDateTime, { description: 'Since when it belongs to your account.' })
  linkedAt!: string;

  @Field(() => GraphQLDateTime, { description: 'When you last signed in by it.' })
  signedInAt!: string;
}

/** A token of another issuer, and what it takes to believe it. */
@InputType()
abstract class ShownTokenInput extends MutationInput {
  @Field(() => String, { nullable: true, description: ISSUER })
  issuer?: string | null;

  @Field(() => String, { description: ID_TOKEN })
  idToken!: string;

  @Field(() => String, { nullable: true, description: NONCE })
  nonce?: string | null;
}

@InputType('SignInWithIdTokenInput', { description: 'An ID token, and what to make an account of if there is none.' })
export class SignInWithIdTokenInput extends ShownTokenInput {
  @Field(() => String, {
    nullable: true,
    description: 'For a new account: the handle, without the @. One like the name when left out.',
  })
  handle?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'For a new account: what to be called. As the issuer says when left out.',
  })
  name?: string | null;
}

@InputType('LinkIdentityInput', { description: 'An ID token of yours.' })
export class LinkIdentityInput extends ShownTokenInput {}

@ObjectType('LinkIdentityPayload', { implements: MutationPayloadType, description: 'What became of linkIdentity.' })
export class LinkIdentityPayload extends MutationPayloadType {
  @Field(() => IdentityType, { nullable: true, description: 'The identity, now yours.' })
  identity?: IdentityRow | null;
}

@InputType('UnlinkIdentityInput', { description: 'Which identity to give up.' })
export class UnlinkIdentityInput extends MutationInput {
  @Field(() => ID, { description: 'One of Viewer.identities.' })
  id!: string;
}

@ObjectType('UnlinkIdentityPayload', { implements: MutationPayloadType, description: 'What became of unlinkIdentity.' })
export class UnlinkIdentityPayload extends MutationPayloadType {
  @Field(() => ID, { nullable: true, description: 'The identity that is not yours any more.' })
  unlinkedId?: string | null;
}
