import { Arg, Ctx, Extensions, Mutation, Resolver } from 'type-graphql';
import { answering } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { ATTEMPT } from '../../graphql/pipeline/attempts';
import { AuthPayload, type ProofService } from '../auth';
import {
  BeginPasskeySignInInput,
  BeginPasskeySignUpInput,
  FinishPasskeySignInInput,
  FinishPasskeySignUpInput,
  PasskeyOptionsPayload,
} from './passkey.types';
import type { PasskeySignInService } from './passkey-sign-in.service';
import { readAuthentication, readRegistration } from './response';

@Resolver()
export class PasskeySignInResolver {
  constructor(
    private readonly passkeys: PasskeySignInService,
    private readonly proofs: ProofService,
  ) {}

  @Extensions(ATTEMPT)
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      'Begins an account without a password: hand the options to the platform, which makes a passkey, and send what it answers to finishPasskeySignUp.',
  })
  beginPasskeySignUp(
    @Arg('input', () => BeginPasskeySignUpInput, { description: 'The account.' }) input: BeginPasskeySignUpInput,
    @Ctx() { db }: RequestContext,
  ) {
    return answering(input, async () => ({ options: await this.passkeys.beginSignUp(db, input), replayed: false }));
  }

  @Extensions(ATTEMPT)
  @Mutation(() => AuthPayload, {
    description:
      'Makes the account and signs in to it. When the answer is lost, sign in with the passkey: the account is there if it was made.',
  })
  finishPasskeySignUp(
    @Arg('input', () => FinishPasskeySignUpInput, { description: 'The passkey.' }) input: FinishPasskeySignUpInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      const answered = readRegistration(input.response);
      const tokens = await this.passkeys.finishSignUp(context.db, answered, await this.proofs.originOf(context));
      context.signIn(tokens.viewer);
      return { ...tokens, replayed: false };
    });
  }

  @Extensions(ATTEMPT)
  @Mutation(() => PasskeyOptionsPayload, {
    description:
      'Begins to sign in by passkey: hand the options to the platform, and send what it answers to finishPasskeySignIn.',
  })
  beginPasskeySignIn(
    @Arg('input', () => BeginPasskeySignInInput, { description: 'Whose.' }) input: BeginPasskeySignInInput,
    @Ctx() { db }: RequestContext,
  ) {
    const login = input.login ?? null;
    return answering(input, async () => ({ options: await this.passkeys.beginSignIn(db, login), replayed: false }));
  }

  @Extensions(ATTEMPT)
  @Mutation(() => AuthPayload, {
    description: 'Signs in with what the passkey answered. Each call opens a session of its own.',
  })
  finishPasskeySignIn(
    @Arg('input', () => FinishPasskeySignInInput, { description: 'The answer.' }) input: FinishPasskeySignInInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      const answered = readAuthentication(input.response);
      const tokens = await this.passkeys.finishSignIn(context.db, answered, await this.proofs.originOf(context));
      context.signIn(tokens.viewer);
      return { ...tokens, replayed: false };
    });
  }
}
