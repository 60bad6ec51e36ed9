import { randomBytes } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Commands } from '../../graphql/command';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { CriticalOperations, ProofService, SessionService, SignInWays } from '../auth';
import { type AndroidApp, originOfAndroidApp } from './apps';
import { ChallengeEntity } from './challenge.entity';
import * as challengeRows from './challenge.repository';
import { Challenges } from './challenges';
import { PasskeyEntity, PasskeyHandleEntity } from './passkey.entity';
import { PasskeyResolver, ViewerPasskeysResolver } from './passkey.resolver';
import { PasskeyService } from './passkey.service';
import { PasskeyConfirmationResolver } from './passkey-confirmation.resolver';
import { PasskeySignInResolver } from './passkey-sign-in.resolver';
import { PasskeySignInService } from './passkey-sign-in.service';
import { RelyingParty } from './relying-party';
import { registerAppLinks } from './well-known.route';

export { exportOfPasskeys } from './passkey.export';
export { forgetHandle as forgetPasskeyHandle } from './passkey.repository';

export const PASSKEYS_ENTITIES = [PasskeyEntity, PasskeyHandleEntity, ChallengeEntity];

export interface PasskeysDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly log: Log;
  readonly users: UserService;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly proofs: ProofService;
  /** Says whether somebody has shown who they are a short while ago. */
  readonly critical: CriticalOperations;
  readonly signInWays: SignInWays;
  readonly options: {
    /** The domain that passkeys belong to, such as example.com. */
    readonly rpId: string;
    readonly rpName: string;
    readonly origins: readonly string[];
    /** Of Apple, as TEAMID.bundle.id. */
    readonly appleApps: readonly string[];
    readonly androidApps: readonly AndroidApp[];
  };
}

const PURGE_TASK = 'passkeys.purge-challenges';

/** Passkeys (WebAuthn) to sign up and in. */
export function createPasskeys(deps: PasskeysDeps) {
  const { database, commands, users, proofs, signInWays, options, ...common } = deps;
  const origins = [...options.origins, ...options.androidApps.map(originOfAndroidApp)];
  const relyingParty = new RelyingParty({ id: options.rpId, name: options.rpName, origins });
  const shared = { ...common, relyingParty, challenges: new Challenges(common.clock) };
  const passkeys = new PasskeyService({ ...shared, randomBytes, ways: signInWays });
  const signIn = new PasskeySignInService({ ...shared, passkeys, users });
  return {
    resolvers: [
      new PasskeySignInResolver(signIn, proofs),
      new PasskeyConfirmationResolver(signIn, proofs, commands),
      new PasskeyResolver(passkeys, commands),
      new ViewerPasskeysResolver(),
    ],
    tasks: new Map<string, Task>([[PURGE_TASK, () => challengeRows.purge(database, common.clock.now())]]),
    schedules: [{ task: PURGE_TASK, cron: '*/15 * * * *' }],
    registerRoutes: (app: FastifyInstance) =>
      registerAppLinks(app, { apple: options.appleApps, android: options.androidApps }),
  };
}
