import type { Commands } from '../../graphql/command';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import { createFetchJson } from '../../platform/http/fetch-json';
import type { Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import type { UserService } from '../accounts';
import type { AuditTrail } from '../audit';
import type { CriticalOperations, ProofService, SessionService, SignInWays, TokenVerifiers } from '../auth';
import { IdentityEntity, IssuerSessionEntity, SpentIdTokenEntity } from './identity.entity';
import { identitiesByUserId } from './identity.reader';
import * as identities from './identity.repository';
import { IdentityMutations, IdentityResolver, ViewerIdentitiesResolver } from './identity.resolver';
import { IdentityService } from './identity.service';
import { IssuerKeys } from './issuer-keys';
import { loadIssuers } from './issuer-options';
import { IssuerSessions } from './issuer-sessions';
import { TokenVerifier } from './token-verifier';

export { exportOfIdentities } from './identity.export';
export { IssuerConfigError } from './issuer-options';

export const ISSUERS_ENTITIES = [IdentityEntity, SpentIdTokenEntity, IssuerSessionEntity];

export interface IssuersDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly log: Log;
  readonly users: UserService;
  readonly audit: AuditTrail;
  readonly auth: {
    readonly sessions: SessionService;
    readonly proofs: ProofService;
    readonly signInWays: SignInWays;
    readonly critical: CriticalOperations;
    readonly verifiers: TokenVerifiers;
  };
  /** OIDC_ISSUERS as set. */
  readonly issuers: string | null;
  readonly production: boolean;
  /** The issuer of our own tokens. */
  readonly ownIssuer: string;
  readonly accessTokenSeconds: number;
}

const FETCH_LIMITS = { timeoutMs: 5_000, maxBytes: 262_144 };
const PURGE_TASK = 'issuers.purge-ended';
/** Longer than any issuer keeps somebody signed in: what was ended must not come back by being forgotten. */
const SESSION_MEMORY_DAYS = 400;
const DAY_MS = 86_400_000;

/** People of other OpenID Connect issuers. @throws IssuerConfigError */
export function createIssuers(deps: IssuersDeps) {
  const { clock, newId, database, log, audit, users, auth } = deps;
  const { production, ownIssuer } = deps;
  const fetchJson = createFetchJson(FETCH_LIMITS);
  const issuers = loadIssuers(deps.issuers, { production, ownIssuer }).map((options) => ({
    options,
    keys: new IssuerKeys(options, fetchJson, clock, log),
  }));
  // An issuer that is away says so in the log, and is asked again when somebody comes with a token.
  for (const { keys } of issuers) void keys.warm();
  const verifier = new TokenVerifier(issuers, clock);
  const { sessions, signInWays, verifiers, critical } = auth;
  const rememberMs = deps.accessTokenSeconds * 1_000;
  verifiers.add(new IssuerSessions(database, clock, verifier, sessions, rememberMs));
  const urls = [...verifier.issuers];
  const service = new IdentityService(clock, newId, verifier, users, sessions, signInWays, critical, audit);
  signInWays.add({
    isOpen: async (tx, userId) => (await identities.findByUserIds(tx, [userId], urls)).length > 0,
    takeAway: (tx, userId, address) => service.unlinkAll(tx, userId, address),
  });
  const loader = identitiesByUserId(verifier.issuers);
  return {
    resolvers: [
      new IdentityMutations(service, auth.proofs, deps.commands, loader),
      new IdentityResolver((issuer) => verifier.nameOf(issuer)),
      new ViewerIdentitiesResolver(loader),
    ],
    tasks: new Map<string, Task>([
      [
        PURGE_TASK,
        () => {
          const longAgo = new Date(clock.ms() - SESSION_MEMORY_DAYS * DAY_MS).toISOString();
          return identities.purge(database, clock.now(), longAgo);
        },
      ],
    ]),
    schedules: [{ task: PURGE_TASK, cron: '47 3 * * *' }],
  };
}
