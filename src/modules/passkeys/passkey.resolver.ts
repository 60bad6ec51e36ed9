import { Arg, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { readInputId } from '../../graphql/nodes';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import type { PasskeyRow } from './passkey.entity';
import { findOwnPasskey, passkeysByUserId } from './passkey.reader';
import { PASSKEY_PREFIX, type PasskeyService, refuseRegistration } from './passkey.service';
import {
  BeginPasskeyRegistrationInput,
  FinishPasskeyRegistrationInput,
  PasskeyOptionsPayload,
  PasskeyPayload,
  PasskeyType,
  RemovePasskeyInput,
  RemovePasskeyPayload,
  RenamePasskeyInput,
} from './passkey.types';
import { readRegistration } from './response';

@Resolver(() => PasskeyType)
export class PasskeyResolver {
  constructor(
    private readonly passkeys: PasskeyService,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID, { description: 'For renamePasskey and removePasskey.' })
  id(@Root() passkey: PasskeyRow): string {
    return encodeId(PASSKEY_PREFIX, passkey.id);
  }

  @Authorized()
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      'Begins to add a passkey to your account: hand the options to the platform, and send what it answers to finishPasskeyRegistration.',
  })
  beginPasskeyRegistration(
    @Arg('input', () => BeginPasskeyRegistrationInput, { description: 'The key of the write, or nothing.' })
    input: BeginPasskeyRegistrationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'beginPasskeyRegistration',
      execute: (tx, viewer) => this.passkeys.beginRegistration(tx, viewer),
      answer: ({ options }) => ({ options }),
    });
  }

  @Authorized()
  @Mutation(() => PasskeyPayload, { description: 'Adds the passkey that the platform made.' })
  finishPasskeyRegistration(
    @Arg('input', () => FinishPasskeyRegistrationInput, { description: 'The passkey.' })
    input: FinishPasskeyRegistrationInput,
    @Ctx() context: RequestContext,
  ) {
    const { name = null, response } = input;
    return this.commands.run(context, input, {
      name: 'finishPasskeyRegistration',
      execute: (tx, viewer) =>
        this.passkeys.finishRegistration(tx, viewer, readRegistration(response), name, context.caller.address),
      answer: async ({ passkeyId }) => ({
        passkey: passkeyId === null ? refuseRegistration() : await findOwnPasskey(context, passkeyId),
      }),
    });
  }

  @Authorized()
  @Mutation(() => PasskeyPayload, { description: 'Gives a passkey of yours another name.' })
  renamePasskey(
    @Arg('input', () => RenamePasskeyInput, { description: 'Which, and its name.' }) input: RenamePasskeyInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'renamePasskey',
      execute: (tx, viewer) => this.passkeys.rename(tx, viewer, passkeyIdOf(input), input.name),
      answer: async ({ passkeyId }) => ({ passkey: await findOwnPasskey(context, passkeyId) }),
    });
  }

  @Authorized()
  @Mutation(() => RemovePasskeyPayload, {
    description: 'Takes a passkey from your account. The last way into an account cannot be taken away.',
  })
  removePasskey(
    @Arg('input', () => RemovePasskeyInput, { description: 'Which.' }) input: RemovePasskeyInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'removePasskey',
      execute: (tx, viewer) => this.passkeys.remove(tx, viewer, passkeyIdOf(input), context.caller.address),
      answer: ({ removedId }) => ({ removedId: encodeId(PASSKEY_PREFIX, removedId) }),
    });
  }
}

/** @throws UserErrors INVALID */
function passkeyIdOf({ passkeyId }: { passkeyId: string }): string {
  return readInputId(PASSKEY_PREFIX, passkeyId, 'passkeyId');
}

@Resolver(() => ViewerType)
export class ViewerPasskeysResolver {
  @Extensions(costOf({ reads: ['passkeys'] }))
  @FieldResolver(() => [PasskeyType], { description: 'Your passkeys, at most ten, oldest first.' })
  passkeys(@Root() viewer: Viewer, @Ctx() context: RequestContext): Promise<readonly PasskeyRow[]> {
    return context.loaders.load(passkeysByUserId, viewer.userId);
  }
}
