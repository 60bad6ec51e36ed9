import { Arg, Authorized, Ctx, Extensions, Mutation, Resolver } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { AFTER_END } from '../../graphql/pipeline/after-end';
import { encodeId } from '../../kernel/ids';
import { USER_PREFIX } from '../accounts';
import type { AccountDeletionService } from './account-deletion.service';
import { DeleteAccountInput, DeleteAccountPayload } from './account-deletion.types';

@Resolver()
export class AccountDeletionResolver {
  constructor(
    private readonly accounts: AccountDeletionService,
    private readonly commands: Commands,
  ) {}

  // Sent again since its answer was lost, it comes in a session that it has ended.
  @Extensions(AFTER_END)
  @Authorized()
  @Mutation(() => DeleteAccountPayload, {
    description:
      'Deletes your account for good. You are signed out everywhere, nobody finds you or what you wrote any more, and the address can sign up anew; your handle stays taken for 30 days. Needs a DPoP proof over this very operation and a recent sign-in. Sent again with its clientMutationId and a fresh proof it is answered again; otherwise it is UNAUTHENTICATED then.',
  })
  deleteAccount(
    @Arg('input', () => DeleteAccountInput, { description: 'The confirmation.' }) input: DeleteAccountInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'deleteAccount',
      critical: true,
      endedSession: true,
      execute: (tx, viewer) => this.accounts.delete(tx, viewer, input.confirmHandle, context.caller.address),
      answer: ({ userId }) => ({ deletedId: encodeId(USER_PREFIX, userId) }),
    });
  }
}
