import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';
import type { Executor } from '../../platform/postgres/database';
import type { ChallengePurpose, ChallengeRow } from './challenge.entity';
import * as challenges from './challenge.repository';

/** Time for a person to find the authenticator and use it. */
export const CHALLENGE_MS = 300_000;

/** Who has to answer, and what is kept until then. */
export interface Question {
  readonly purpose: ChallengePurpose;
  readonly userId?: string | null;
  readonly sessionId?: string | null;
  readonly details?: object;
}

/** Challenges in the database, so that any process can take the answer. Each is good once, for five minutes. */
export class Challenges {
  constructor(private readonly clock: Clock) {}

  async keep(executor: Executor, challenge: string, question: Question): Promise<void> {
    const { purpose, userId = null, sessionId = null, details = {} } = question;
    await challenges.insert(executor, {
      challengeHash: sha256(challenge),
      ...{ purpose, userId, sessionId, details: JSON.stringify(details) },
      expiresAt: new Date(this.clock.ms() + CHALLENGE_MS).toISOString(),
    });
  }

  /** Uses a challenge up, also one for something else; null unless it was asked for this purpose and has not ended. */
  async take(executor: Executor, challenge: string, purpose: ChallengePurpose): Promise<ChallengeRow | null> {
    const taken = await challenges.take(executor, sha256(challenge));
    return taken?.purpose === purpose && taken.expiresAt > this.clock.now() ? taken : null;
  }
}
