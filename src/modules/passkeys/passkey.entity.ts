import { Column, Entity, Unique } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

/** A public key that opens an account; its private half never leaves the person's authenticator (WebAuthn Level 3). */
export interface PasskeyRow {
  id: string;
  userId: string;
  /** As the authenticator names it, base64url. */
  credentialId: string;
  /** COSE_Key (RFC 9052 §7), base64url. */
  publicKey: string;
  /** Of signatures made; stays 0 for passkeys that are synced. */
  counter: number;
  /** Ways to reach the authenticator, a JSON list. */
  transports: string;
  /** The make of the authenticator, a UUID; zeros where it does not say. */
  aaguid: string;
  /** It may be copied to the person's other devices. */
  synced: boolean;
  /** It has been, when it was last used. */
  backedUp: boolean;
  name: string;
  createdAt: string;
  lastUsedAt: string | null;
}

@Entity('passkeys')
@Unique('passkeys_credential_id_key', ['credentialId'])
export class PasskeyEntity implements PasskeyRow {
  @KeyColumn('uuid', 'id', 'passkeys_pkey') id!: string;
  @UuidColumn('user_id') userId!: string;
  @TextColumn('credential_id') credentialId!: string;
  @TextColumn('public_key') publicKey!: string;
  @Column('bigint', { name: 'counter' }) counter!: number;
  @TextColumn('transports') transports!: string;
  @TextColumn('aaguid') aaguid!: string;
  @Column('boolean', { name: 'synced' }) synced!: boolean;
  @Column('boolean', { name: 'backed_up' }) backedUp!: boolean;
  @TextColumn('name') name!: string;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('last_used_at', { nullable: true }) lastUsedAt!: string | null;
}

/** What authenticators know an account by (WebAuthn §5.4.3): random, so that it tells nothing about the person. */
@Entity('passkey_handles')
export class PasskeyHandleEntity {
  @KeyColumn('uuid', 'user_id', 'passkey_handles_pkey') userId!: string;
  /** Base64url. */
  @TextColumn('handle') handle!: string;
}
