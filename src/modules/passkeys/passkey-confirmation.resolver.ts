import { Arg, Authorized, Ctx, Extensions, Mutation, Resolver } from 'type-graphql';
import { answering, type Commands } from '../../graphql/command';
import { type RequestContext, requireViewer } from '../../graphql/context';
import { OWN_ATTEMPT } from '../../graphql/pipeline/attempts';
import { ConfirmIdentityPayload, type ProofService } from '../auth';
import { BeginPasskeyConfirmationInput, FinishPasskeyConfirmationInput, PasskeyOptionsPayload } from './passkey.types';
import type { PasskeySignInService } from './passkey-sign-in.service';
import { readAuthentication } from './response';

@Resolver()
export class PasskeyConfirmationResolver {
  constructor(
    private readonly passkeys: PasskeySignInService,
    private readonly proofs: ProofService,
    private readonly commands: Commands,
  ) {}

  @Authorized()
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      'Begins to show once more who you are, by a passkey of yours: hand the options to the platform, and send what it answers to finishPasskeyConfirmation.',
  })
  beginPasskeyConfirmation(
    @Arg('input', () => BeginPasskeyConfirmationInput, { description: 'The key of the write, or nothing.' })
    input: BeginPasskeyConfirmationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'beginPasskeyConfirmation',
      execute: (tx, viewer) => this.passkeys.beginConfirmation(tx, viewer),
      answer: ({ options }) => ({ options }),
    });
  }

  @Authorized()
  @Extensions(OWN_ATTEMPT)
  @Mutation(() => ConfirmIdentityPayload, {
    description:
      'Shows once more who you are, as confirmIdentity does by the password: send it with a DPoP proof by the key that is to sign what is critical. clientMutationId is only given back.',
  })
  finishPasskeyConfirmation(
    @Arg('input', () => FinishPasskeyConfirmationInput, { description: 'The answer.' })
    input: FinishPasskeyConfirmationInput,
    @Ctx() context: RequestContext,
  ) {
    const viewer = requireViewer(context);
    return answering(input, async () => {
      const answered = readAuthentication(input.response);
      const origin = await this.proofs.originOf(context);
      const confirmedUntil = await this.passkeys.finishConfirmation(context.db, viewer, answered, origin);
      return { confirmedUntil, replayed: false };
    });
  }
}
