import { Arg, Authorized, Ctx, Extensions, Mutation, Resolver } from 'type-graphql';
import { answering } from '../../graphql/command';
import { type RequestContext, requireViewer } from '../../graphql/context';
import { OWN_ATTEMPT } from '../../graphql/pipeline/attempts';
import { ConfirmIdentityInput, ConfirmIdentityPayload } from './confirm.types';
import type { PasswordService } from './password.service';
import type { ProofService } from './proof.service';
import type { SessionService } from './session.service';

@Resolver()
export class ConfirmResolver {
  constructor(
    private readonly passwords: PasswordService,
    private readonly sessions: SessionService,
    private readonly proofs: ProofService,
  ) {}

  @Authorized()
  @Extensions(OWN_ATTEMPT)
  @Mutation(() => ConfirmIdentityPayload, {
    description:
      'Shows once more who you are, which critical mutations ask for by STEP_UP_REQUIRED. Send it with a DPoP proof by the key that is to sign them: from here on this session knows it as yours. clientMutationId is only given back.',
  })
  confirmIdentity(
    @Arg('input', () => ConfirmIdentityInput, { description: 'What shows it.' }) input: ConfirmIdentityInput,
    @Ctx() context: RequestContext,
  ) {
    const viewer = requireViewer(context);
    return answering(input, async () => {
      const origin = await this.proofs.originOf(context);
      await this.passwords.assertOwn(context.db, viewer.userId, input.password, origin);
      const confirmedUntil = await context.db.transaction((tx) => this.sessions.confirm(tx, viewer, origin));
      return { confirmedUntil, replayed: false };
    });
  }
}
