import { Field, ID, InputType, Int, InterfaceType, ObjectType, registerEnumType } from 'type-graphql';
import { NodeType } from './node.types';
import { CursorScalar } from './stream-cursor';

export enum UserErrorCode {
  INVALID = 'INVALID',
  NOT_FOUND = 'NOT_FOUND',
  FORBIDDEN = 'FORBIDDEN',
  CONFLICT = 'CONFLICT',
  BLOCKED = 'BLOCKED',
  RATE_LIMITED = 'RATE_LIMITED',
  DUPLICATE_KEY_MISMATCH = 'DUPLICATE_KEY_MISMATCH',
  SIGNATURE_REQUIRED = 'SIGNATURE_REQUIRED',
  STEP_UP_REQUIRED = 'STEP_UP_REQUIRED',
  INVALID_CREDENTIALS = 'INVALID_CREDENTIALS',
}

registerEnumType(UserErrorCode, {
  name: 'UserErrorCode',
  description: 'Why a mutation was refused. New codes may be added; treat an unknown one as INVALID.',
  valuesConfig: {
    INVALID: { description: 'The input breaks a rule; `path` says which field.' },
    NOT_FOUND: { description: 'There is no such thing, or none that you may see.' },
    FORBIDDEN: { description: 'You can see it, but this is not yours to do.' },
    CONFLICT: { description: 'It changed since you read it, or the id is taken.' },
    BLOCKED: { description: 'A block stands between the two people.' },
    RATE_LIMITED: { description: 'Too often; try again later.' },
    DUPLICATE_KEY_MISMATCH: { description: 'The clientMutationId was used before, with another input.' },
    SIGNATURE_REQUIRED: {
      description:
        'This needs a DPoP proof by the key of this session, over this very operation; the message says what is missing. Make a new one and send it again.',
    },
    STEP_UP_REQUIRED: {
      description:
        'This needs somebody who has just shown who they are: ask for the password or a passkey, send confirmIdentity or finishPasskeyConfirmation with a proof by the same key, then send this again.',
    },
    INVALID_CREDENTIALS: { description: 'Nobody can sign in by what was sent.' },
  },
});

interface UserErrorShape {
  currentVersion?: number;
  suggestions?: readonly string[];
  retryAfterMs?: number;
}

@InterfaceType('UserError', {
  description: 'An expected failure that a screen can act on.',
  resolveType: (error: UserErrorShape) => {
    if (error.currentVersion !== undefined) return 'ConflictError';
    if (error.retryAfterMs !== undefined) return 'RateLimitedError';
    return error.suggestions ? 'HandleTakenError' : 'SimpleUserError';
  },
})
export abstract class UserErrorType {
  @Field(() => UserErrorCode, { description: 'Why; made for programs.' })
  code!: UserErrorCode;

  @Field(() => String, { description: 'Why; made for people, in English.' })
  message!: string;

  @Field(() => [String], { nullable: true, description: 'The argument at fault, e.g. ["input", "text"].' })
  path?: readonly string[];
}

@ObjectType('SimpleUserError', { implements: UserErrorType, description: 'A failure that its code says all about.' })
export class SimpleUserErrorType extends UserErrorType {}

@ObjectType('ConflictError', {
  implements: UserErrorType,
  description: 'The node changed since the version sent as `ifVersion`. Show `current`, let the person decide, retry.',
})
export class ConflictErrorType extends UserErrorType {
  @Field(() => Int, { description: 'The version it has now.' })
  currentVersion!: number;

  @Field(() => NodeType, { nullable: true, description: 'The node as it is now; null if it is gone meanwhile.' })
  current!: NodeType | null;
}

@ObjectType('HandleTakenError', { implements: UserErrorType, description: 'Somebody else has this handle.' })
export class HandleTakenErrorType extends UserErrorType {
  @Field(() => [String], { description: 'Free handles like the one asked for.' })
  suggestions!: readonly string[];
}

@ObjectType('RateLimitedError', {
  implements: UserErrorType,
  description: 'Too often. Nothing was tried; say when it may be tried again.',
})
export class RateLimitedErrorType extends UserErrorType {
  @Field(() => Int, { description: 'Milliseconds until it may be tried again.' })
  retryAfterMs!: number;
}

@InterfaceType('MutationPayload', {
  description: 'What every mutation answers. When `userErrors` is not empty, nothing was changed.',
})
export abstract class MutationPayloadType {
  @Field(() => String, { nullable: true, description: 'The clientMutationId that was sent.' })
  clientMutationId!: string | null;

  @Field(() => [UserErrorType], { description: 'Why nothing was changed; empty on success.' })
  userErrors!: UserErrorType[];

  @Field(() => Boolean, { description: 'This write had been made before, under the same clientMutationId.' })
  replayed!: boolean;

  @Field(() => CursorScalar, {
    nullable: true,
    description:
      'The place of this write in your change log: what else changes, changes behind it. Null when it left no trace there.',
  })
  cursor?: string | null;
}

@InputType()
export abstract class MutationInput {
  @Field(() => String, {
    nullable: true,
    description:
      'Idempotency key, 1 to 64 characters: a write retried with the same key and input happens once and is answered again, with `replayed: true`.',
  })
  clientMutationId?: string | null;
}

@InputType('DeleteNodeInput', { description: 'What to delete.' })
export class DeleteNodeInput extends MutationInput {
  @Field(() => ID, { description: 'A post, comment or message of yours, or a comment on a post of yours.' })
  id!: string;
}

@ObjectType('DeleteNodePayload', { implements: MutationPayloadType, description: 'What became of deleteNode.' })
export class DeleteNodePayload extends MutationPayloadType {
  @Field(() => ID, {
    nullable: true,
    description: 'The id of what is deleted: take it out of your lists. A message stays in its place, as deleted.',
  })
  deletedId?: string | null;
}
