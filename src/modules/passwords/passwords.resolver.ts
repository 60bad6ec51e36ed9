import { Arg, Authorized, Ctx, Extensions, FieldResolver, Mutation, Resolver, Root } from 'type-graphql';
import { answering, type Commands, readKey } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { ATTEMPT, OWN_ATTEMPT } from '../../graphql/pipeline/attempts';
import { costOf } from '../../graphql/pipeline/cost';
import type { UserErrors } from '../../kernel/errors';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import { credentialByUserId } from '../auth';
import type { EmailService } from './email.service';
import type { PasswordChangeService, ReadyPassword } from './password-change.service';
import type { PasswordResetService } from './password-reset.service';
import {
  ChangeEmailInput,
  ChangeEmailPayload,
  ChangePasswordInput,
  ChangePasswordPayload,
  RequestEmailVerificationInput,
  RequestEmailVerificationPayload,
  RequestPasswordResetInput,
  RequestPasswordResetPayload,
  ResetPasswordInput,
  ResetPasswordPayload,
  VerifyEmailInput,
  VerifyEmailPayload,
} from './passwords.types';

@Resolver()
export class PasswordsResolver {
  constructor(
    private readonly passwords: PasswordChangeService,
    private readonly resets: PasswordResetService,
    private readonly emails: EmailService,
    private readonly commands: Commands,
  ) {}

  @Authorized()
  @Extensions(OWN_ATTEMPT)
  @Mutation(() => ChangePasswordPayload, {
    description: 'Changes the password, and ends all other sessions of the account. Its owner is told by mail.',
  })
  changePassword(
    @Arg('input', () => ChangePasswordInput, { description: 'The passwords.' }) input: ChangePasswordInput,
    @Ctx() context: RequestContext,
  ) {
    const { clientMutationId, keepOtherSessions } = input;
    const keep = keepOtherSessions ?? false;
    let ready: ReadyPassword;
    // What is remembered under the key is hashed quickly, so passwords are left out of it.
    const remembered = { clientMutationId, keep };
    return this.commands.run(context, remembered, {
      name: 'changePassword',
      critical: true,
      before: async (viewer) => {
        ready = await this.passwords.prepare(context.db, viewer, input);
      },
      execute: async (tx, viewer) => {
        await this.passwords.change(tx, viewer, ready, keep, context.caller.address);
        return {};
      },
      answer: () => ({}),
    });
  }

  @Authorized()
  @Extensions(OWN_ATTEMPT)
  @Mutation(() => ChangeEmailPayload, {
    description:
      'Sends a link to a new e-mail address; the account has it once the link is followed. The old address is told.',
  })
  changeEmail(
    @Arg('input', () => ChangeEmailInput, { description: 'The address.' }) input: ChangeEmailInput,
    @Ctx() context: RequestContext,
  ) {
    const { password, ...rest } = input;
    let problem: UserErrors | null = null;
    return this.commands.run(context, rest, {
      name: 'changeEmail',
      critical: true,
      before: async (viewer) => {
        problem = (await this.passwords.confirm(context.db, viewer, password)).problem;
      },
      execute: async (tx, viewer) => {
        if (problem) throw problem;
        await this.emails.askToChange(tx, viewer, rest.email, context.caller.address);
        return {};
      },
      answer: () => ({}),
    });
  }

  @Authorized()
  @Mutation(() => RequestEmailVerificationPayload, {
    description:
      'Sends the link again that verifies the address of your account. When it is verified already, nothing happens.',
  })
  requestEmailVerification(
    @Arg('input', () => RequestEmailVerificationInput, { description: 'The key of the write, or nothing.' })
    input: RequestEmailVerificationInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'requestEmailVerification',
      execute: async (tx, viewer) => {
        await this.emails.askToVerify(tx, viewer);
        return {};
      },
      answer: () => ({}),
    });
  }

  @Extensions(ATTEMPT)
  @Mutation(() => VerifyEmailPayload, {
    description: 'Follows the link of a mail that verifies an address. Nobody needs to be signed in.',
  })
  verifyEmail(
    @Arg('input', () => VerifyEmailInput, { description: 'The link.' }) input: VerifyEmailInput,
    @Ctx() { db, caller }: RequestContext,
  ) {
    return answering(input, async () => this.emails.verify(db, input.token, readKey(input), caller.address));
  }

  @Extensions(ATTEMPT)
  @Mutation(() => RequestPasswordResetPayload, {
    description:
      'Sends a link by which a forgotten password is replaced, if there is such an account; the answer does not tell.',
  })
  requestPasswordReset(
    @Arg('input', () => RequestPasswordResetInput, { description: 'The account.' }) input: RequestPasswordResetInput,
    @Ctx() { db, caller }: RequestContext,
  ) {
    return answering(input, async () => {
      await this.resets.ask(db, input.email, caller.address);
      return { replayed: false };
    });
  }

  @Extensions(ATTEMPT)
  @Mutation(() => ResetPasswordPayload, {
    description:
      'Sets a new password by the link of a mail, and ends every session of the account. Sign in afterwards.',
  })
  resetPassword(
    @Arg('input', () => ResetPasswordInput, { description: 'The link and the password.' }) input: ResetPasswordInput,
    @Ctx() { db, caller }: RequestContext,
  ) {
    return answering(input, async () => this.resets.reset(db, input, readKey(input), caller.address));
  }
}

@Resolver(() => ViewerType)
export class ViewerEmailResolver {
  @Extensions(costOf({ reads: ['email'] }))
  @FieldResolver(() => Boolean, {
    description: 'The e-mail address of the account is known to reach you: you have followed a link sent to it.',
  })
  async emailVerified(@Root() viewer: Viewer, @Ctx() context: RequestContext): Promise<boolean> {
    return (await context.loaders.load(credentialByUserId, viewer.userId))?.emailVerifiedAt != null;
  }
}
