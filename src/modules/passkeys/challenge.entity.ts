import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export type ChallengePurpose = 'sign-up' | 'sign-in' | 'registration' | 'confirmation';

/** A question to an authenticator that has not been answered yet. */
export interface ChallengeRow {
  /** SHA-256 of the challenge, base64url. */
  challengeHash: string;
  purpose: ChallengePurpose;
  /** Whose passkey has to answer; null when anybody's may. */
  userId: string | null;
  /** In which session it was asked; null before there is one. */
  sessionId: string | null;
  /** What was asked for along with it, a JSON object. */
  details: string;
  expiresAt: string;
}

@Entity('passkey_challenges')
export class ChallengeEntity implements ChallengeRow {
  @KeyColumn('text', 'challenge_hash', 'passkey_challenges_pkey') challengeHash!: string;
  @TextColumn('purpose') purpose!: ChallengePurpose;
  @UuidColumn('user_id', { nullable: true }) userId!: string | null;
  @UuidColumn('session_id', { nullable: true }) sessionId!: string | null;
  @TextColumn('details') details!: string;
  @TimeColumn('expires_at') expiresAt!: string;
}
