import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** Who somebody is at another issuer. */
export interface IdentityRow {
  /** The issuer's URL, as in its tokens (`iss`). */
  issuer: string;
  /** `sub`: the issuer's own name for the person, which it never gives to another one. */
  subject: string;
  id: string;
  userId: string;
  linkedAt: string;
  /** When the person last showed this identity, by an ID token. */
  signedInAt: string;
}

/** An ID token that has been used, until it ends. */
export interface SpentIdTokenRow {
  /** SHA-256 of what the issuer signed, base64url: a signature can be written in more than one way. */
  tokenHash: string;
  expiresAt: string;
  /** SHA-256 of the clientMutationId that it came with. */
  keyHash: string | null;
  userId: string | null;
  sessionId: string | null;
}

/** The session that stands for the access tokens of one sign-in at an issuer. */
export interface IssuerSessionRow {
  issuer: string;
  subject: string;
  /** What tells one sign-in from another there: `sid`, or the client's id where the issuer has none. */
  issuerSession: string;
  sessionId: string;
  seenAt: string;
}

@Entity('identities')
export class IdentityEntity implements IdentityRow {
  @KeyColumn('text', 'issuer', 'identities_pkey') issuer!: string;
  @KeyColumn('text', 'subject', 'identities_pkey') subject!: string;
  @UuidColumn('id') id!: string;
  @UuidColumn('user_id') userId!: string;
  @TimeColumn('linked_at') linkedAt!: string;
  @TimeColumn('signed_in_at') signedInAt!: string;
}

@Entity('spent_id_tokens')
export class SpentIdTokenEntity implements SpentIdTokenRow {
  @KeyColumn('text', 'token_hash', 'spent_id_tokens_pkey') tokenHash!: string;
  @TimeColumn('expires_at') expiresAt!: string;
  @TextColumn('key_hash', { nullable: true }) keyHash!: string | null;
  @UuidColumn('user_id', { nullable: true }) userId!: string | null;
  @UuidColumn('session_id', { nullable: true }) sessionId!: string | null;
}

@Entity('issuer_sessions')
export class IssuerSessionEntity implements IssuerSessionRow {
  @KeyColumn('text', 'issuer', 'issuer_sessions_pkey') issuer!: string;
  @KeyColumn('text', 'subject', 'issuer_sessions_pkey') subject!: string;
  @KeyColumn('text', 'issuer_session', 'issuer_sessions_pkey') issuerSession!: string;
  @UuidColumn('session_id') sessionId!: string;
  @TimeColumn('seen_at') seenAt!: string;
}
