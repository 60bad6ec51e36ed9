import { GraphQLDateTime } from 'graphql-scalars';
import { Arg, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import type { RequestContext } from '../../graphql/context';
import { readInputId } from '../../graphql/nodes';
import { AFTER_END } from '../../graphql/pipeline/after-end';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import type { SessionRow } from './session.entity';
import type { SessionReader } from './session.reader';
import { SESSION_PREFIX, type SessionService } from './session.service';
import {
  RevokeOtherSessionsInput,
  RevokeOtherSessionsPayload,
  RevokeSessionInput,
  RevokeSessionPayload,
  SessionType,
  SignOutEverywhereInput,
  SignOutEverywherePayload,
} from './session.types';

@Resolver(() => SessionType)
export class SessionResolver {
  constructor(
    private readonly service: SessionService,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() session: SessionRow): string {
    return encodeId(SESSION_PREFIX, session.id);
  }

  @FieldResolver(() => Boolean, { description: 'It is the session of this request.' })
  current(@Root() session: SessionRow, @Ctx() { viewer }: RequestContext): boolean {
    return viewer?.sessionId === session.id;
  }

  @FieldResolver(() => GraphQLDateTime)
  authenticatedAt(@Root() session: SessionRow): string {
    return session.authenticatedAt ?? session.createdAt;
  }

  // Sent again since its answer was lost, it may come in the session that it ended.
  @Extensions(AFTER_END)
  @Authorized()
  @Mutation(() => RevokeSessionPayload, {
    description:
      'Ends one of your sessions: its tokens are refused, its sockets and event streams close, and pushes to its device stop, everywhere within two seconds. Ending it again changes nothing.',
  })
  revokeSession(
    @Arg('input', () => RevokeSessionInput, { description: 'Which.' }) input: RevokeSessionInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'revokeSession',
      endedSession: true,
      execute: async (tx, viewer) => {
        const sessionId = readInputId(SESSION_PREFIX, input.sessionId, 'sessionId');
        await this.service.revoke(tx, viewer, sessionId, context.caller.address);
        return { revokedId: input.sessionId };
      },
      answer: (result) => result,
    });
  }

  @Authorized()
  @Mutation(() => RevokeOtherSessionsPayload, {
    description: 'Ends all of your sessions but the one of this request, as revokeSession ends one.',
  })
  revokeOtherSessions(
    @Arg('input', () => RevokeOtherSessionsInput, { description: 'The key of the write, or nothing.' })
    input: RevokeOtherSessionsInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'revokeOtherSessions',
      execute: async (tx, viewer) => ({
        revokedCount: (await this.service.endOthers(tx, viewer, 'revoked', context.caller.address)).length,
      }),
      answer: (result) => result,
    });
  }

  @Extensions(AFTER_END)
  @Authorized()
  @Mutation(() => SignOutEverywherePayload, {
    description: 'Ends all of your sessions, the one of this request too, as revokeSession ends one.',
  })
  signOutEverywhere(
    @Arg('input', () => SignOutEverywhereInput, { description: 'The key of the write, or nothing.' })
    input: SignOutEverywhereInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'signOutEverywhere',
      endedSession: true,
      execute: async (tx, viewer) => {
        await this.service.signOutEverywhere(tx, viewer, context.caller.address);
        return {};
      },
      answer: () => ({}),
    });
  }
}

@Resolver(() => ViewerType)
export class ViewerSessionsResolver {
  constructor(private readonly reader: SessionReader) {}

  @Extensions(costOf({ reads: ['sessions'] }))
  @FieldResolver(() => [SessionType], {
    description: 'Where you are signed in, the last used first; at most 100.',
  })
  sessions(@Root() _viewer: Viewer, @Ctx() context: RequestContext): Promise<readonly SessionRow[]> {
    return this.reader.ofViewer(context);
  }
}
