import { Arg, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { answering, type Commands, readKey } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import type { Loader } from '../../graphql/loader-scope';
import { readId } from '../../graphql/nodes';
import { ATTEMPT } from '../../graphql/pipeline/attempts';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import { AuthPayload, type ProofService } from '../auth';
import type { IdentityRow } from './identity.entity';
import type { IdentityService } from './identity.service';
import {
  IdentityType,
  LinkIdentityInput,
  LinkIdentityPayload,
  SignInWithIdTokenInput,
  UnlinkIdentityInput,
  UnlinkIdentityPayload,
} from './identity.types';

const IDENTITY_PREFIX = 'identity';

@Resolver()
export class IdentityMutations {
  constructor(
    private readonly identities: IdentityService,
    private readonly proofs: ProofService,
    private readonly commands: Commands,
    private readonly loader: Loader<string, readonly IdentityRow[]>,
  ) {}

  @Extensions(ATTEMPT)
  @Mutation(() => AuthPayload, {
    description:
      'Signs in by the ID token of another issuer, such as Google or Apple; makes the account if the issuer knows somebody new. When the answer is lost, send it again with the same clientMutationId: the first session ends, and you get another.',
  })
  signInWithIdToken(
    @Arg('input', () => SignInWithIdTokenInput, { description: 'The token.' }) input: SignInWithIdTokenInput,
    @Ctx() context: RequestContext,
  ) {
    return answering(input, async () => {
      const origin = await this.proofs.originOf(context);
      const tokens = await this.identities.signIn(context.db, input, readKey(input), origin);
      context.signIn(tokens.viewer);
      return tokens;
    });
  }

  @Authorized()
  @Extensions(ATTEMPT)
  @Mutation(() => LinkIdentityPayload, {
    description: 'Lets you sign in to your account by an identity at another issuer, from now on.',
  })
  async linkIdentity(
    @Arg('input', () => LinkIdentityInput, { description: 'The token.' }) input: LinkIdentityInput,
    @Ctx() context: RequestContext,
  ) {
    const token = await this.identities.inspect(context.db, input, context.caller);
    return this.commands.run(context, input, {
      name: 'linkIdentity',
      execute: (tx, viewer) => this.identities.link(tx, viewer, token, context.caller.address),
      answer: async ({ identityId }) => ({ identity: await this.identityOf(context, identityId) }),
    });
  }

  @Authorized()
  @Mutation(() => UnlinkIdentityPayload, {
    description: 'Gives up an identity. Refused when you could not sign in any more without it.',
  })
  unlinkIdentity(
    @Arg('input', () => UnlinkIdentityInput, { description: 'The identity.' }) input: UnlinkIdentityInput,
    @Ctx() context: RequestContext,
  ) {
    const id = readId(IDENTITY_PREFIX, input.id);
    return this.commands.run(context, input, {
      name: 'unlinkIdentity',
      execute: (tx, viewer) => this.identities.unlink(tx, viewer, id, context.caller.address),
      answer: ({ identityId }) => ({ unlinkedId: encodeId(IDENTITY_PREFIX, identityId) }),
    });
  }

  private async identityOf({ loaders, viewer }: RequestContext, id: string): Promise<IdentityRow | null> {
    const mine = viewer ? await loaders.load(this.loader, viewer.userId) : [];
    return mine.find((identity) => identity.id === id) ?? null;
  }
}

@Resolver(() => IdentityType)
export class IdentityResolver {
  constructor(private readonly nameOf: (issuer: string) => string) {}

  @FieldResolver(() => ID)
  id(@Root() identity: IdentityRow): string {
    return encodeId(IDENTITY_PREFIX, identity.id);
  }

  @FieldResolver(() => String)
  issuer(@Root() identity: IdentityRow): string {
    return this.nameOf(identity.issuer);
  }
}

@Resolver(() => ViewerType)
export class ViewerIdentitiesResolver {
  constructor(private readonly loader: Loader<string, readonly IdentityRow[]>) {}

  @Extensions(costOf({ reads: ['identities'] }))
  @FieldResolver(() => [IdentityType], {
    description: 'By which you can sign in, oldest first; at most ten.',
  })
  identities(@Root() viewer: Viewer, @Ctx() { loaders }: RequestContext): Promise<readonly IdentityRow[]> {
    return loaders.load(this.loader, viewer.userId);
  }
}
