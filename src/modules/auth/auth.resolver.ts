import { Arg, Authorized, Ctx, Extensions, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { answering, type Commands, readKey } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { AFTER_END } from '../../graphql/pipeline/after-end';
import { ATTEMPT, type AttemptExtension } from '../../graphql/pipeline/attempts';
import { costOf } from '../../graphql/pipeline/cost';
import { isSelf } from '../../kernel/viewer';
import { type UserRow, UserType } from '../accounts';
import { credentialByUserId } from './auth.reader';
import { AuthPayload, SignInInput, SignOutInput, SignOutPayload, SignUpInput } from './auth.types';
import type { PasswordService } from './password.service';
import type { ProofService } from './proof.service';
import type { SessionService } from './session.service';

const SIGN_IN_ATTEMPT: AttemptExtension = {
  attempt: {
    deviceOf({ input }) {
      const { login, deviceToken: token } = input as SignInInput;
      return token ? { token, login } : null;
    },
  },
};

@Resolver()
export class AuthResolver {
  constructor(
    private readonly passwords: PasswordService,
    private readonly sessions: SessionService,
    private readonly proofs: ProofService,
    private readonly commands: Commands,
  ) {}

  @Extensions(ATTEMPT)
  @Mutation(() => AuthPayload, { description: 'Makes an account and signs in to it.' })
  signUp(
    @Arg('input', () => SignUpInput, { description: 'The account.' }) input: SignUpInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      const { clientMutationId: _, ...account } = input;
      const origin = await this.proofs.originOf(context);
      const tokens = await this.passwords.signUp(context.db, account, readKey(input), origin);
      context.signIn(tokens.viewer);
      return { ...tokens, deviceToken: this.passwords.deviceTokenFor(tokens.viewer.userId, input.email) };
    });
  }

  @Extensions(SIGN_IN_ATTEMPT)
  @Mutation(() => AuthPayload, {
    description: 'Signs in to an account. Each call opens a session of its own; clientMutationId is only given back.',
  })
  signIn(
    @Arg('input', () => SignInInput, { description: 'The account.' }) input: SignInInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      const origin = await this.proofs.originOf(context);
      const { login, password } = input;
      const tokens = await this.passwords.signIn(context.db, login, password, origin, input.deviceToken);
      context.signIn(tokens.viewer);
      const deviceToken = this.passwords.deviceTokenFor(tokens.viewer.userId, login, input.deviceToken);
      return { ...tokens, replayed: false, deviceToken };
    });
  }

  @Extensions(AFTER_END)
  @Authorized()
  @Mutation(() => SignOutPayload, {
    description:
      'Ends the session of this request: its refresh token is worth nothing any more, and its sockets and event streams are closed, this one too if it came by one. Signing out again changes nothing.',
  })
  signOut(
    @Arg('input', () => SignOutInput, { description: 'The key of the write, or nothing.' }) input: SignOutInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'signOut',
      endedSession: true,
      execute: async (tx, viewer) => {
        await this.sessions.end(tx, viewer, 'signed-out', context.caller.address);
        return {};
      },
      answer: () => ({}),
    });
  }
}

@Resolver(() => UserType)
export class UserEmailResolver {
  @Extensions(costOf({ reads: ['email'] }))
  @FieldResolver(() => String, { nullable: true, description: 'Only the owner sees it; null for everyone else.' })
  async email(@Root() user: UserRow, @Ctx() context: RequestContext): Promise<string | null> {
    if (!isSelf(context.viewer, user.id)) return null;
    return (await context.loaders.load(credentialByUserId, user.id))?.email ?? null;
  }
}
