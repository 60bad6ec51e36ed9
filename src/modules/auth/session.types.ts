import { GraphQLDateTime } from 'graphql-scalars';
import { Field, ID, InputType, Int, ObjectType, registerEnumType } from 'type-graphql';
import { MutationInput, MutationPayloadType } from '../../graphql/mutation.types';
import { NodeType } from '../../graphql/node.types';
import type { SessionRow, SignInMethod } from './session.entity';

const SIGN_IN_METHODS = { PASSWORD: 'password', PASSKEY: 'passkey', ISSUER: 'issuer' } as const satisfies Record<
  string,
  SignInMethod
>;

registerEnumType(SIGN_IN_METHODS, {
  name: 'SignInMethod',
  description: 'How somebody has shown who they are. New ways may be added.',
  valuesConfig: {
    PASSWORD: { description: 'By a password.' },
    PASSKEY: { description: 'By a passkey.' },
    ISSUER: { description: 'By an account elsewhere, such as Apple or Google.' },
  },
});

@ObjectType('Session', {
  implements: NodeType,
  description: 'An app on a device that is signed in to your account. Only you see it; one that has ended is gone.',
})
export class SessionType implements Pick<SessionRow, 'createdAt' | 'lastUsedAt' | 'method'> {
  @Field(() => ID, { description: 'A TypeID such as session_01h455vb4pex5vsknk084sn02q.' })
  id!: string;

  @Field(() => GraphQLDateTime, { description: 'When it was signed in.' })
  createdAt!: string;

  @Field(() => GraphQLDateTime, {
    description: 'When it last renewed its tokens, which an app in use does every few minutes.',
  })
  lastUsedAt!: string;

  @Field(() => SIGN_IN_METHODS, { description: 'How it was signed in.' })
  method!: SignInMethod;

  @Field(() => GraphQLDateTime, {
    description: 'When you last showed in it who you are. Some changes need that to be a short while ago.',
  })
  authenticatedAt!: string;

  @Field(() => String, { description: 'The app: its OAuth client_id, or "first-party" for apps that sign in here.' })
  clientId!: string;
}

@InputType('RevokeSessionInput', { description: 'The session to end.' })
export class RevokeSessionInput extends MutationInput {
  @Field(() => ID, { description: 'One of Viewer.sessions; your own is signed out.' })
  sessionId!: string;
}

@ObjectType('RevokeSessionPayload', { implements: MutationPayloadType, description: 'What became of revokeSession.' })
export class RevokeSessionPayload extends MutationPayloadType {
  @Field(() => ID, { nullable: true, description: 'The id of the session that has ended: take it out of your list.' })
  revokedId?: string | null;
}

@InputType('RevokeOtherSessionsInput', { description: 'The session of the request is the one that stays.' })
export class RevokeOtherSessionsInput extends MutationInput {}

@ObjectType('RevokeOtherSessionsPayload', {
  implements: MutationPayloadType,
  description: 'What became of revokeOtherSessions.',
})
export class RevokeOtherSessionsPayload extends MutationPayloadType {
  @Field(() => Int, { nullable: true, description: 'How many sessions have ended by it.' })
  revokedCount?: number | null;
}

@InputType('SignOutEverywhereInput', { description: 'The account of the request is signed out on every device.' })
export class SignOutEverywhereInput extends MutationInput {}

@ObjectType('SignOutEverywherePayload', {
  implements: MutationPayloadType,
  description: 'What became of signOutEverywhere.',
})
export class SignOutEverywherePayload extends MutationPayloadType {}
