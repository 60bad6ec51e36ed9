import { Entity } from 'typeorm';
import { KeyColumn, TextColumn, TimeColumn, UuidColumn } from '../../platform/postgres/columns';

export type Platform = 'IOS' | 'ANDROID' | 'WEB';

/** A phone, tablet or browser that somebody is signed in on. */
export interface DeviceRow {
  userId: string;
  id: string;
  platform: Platform;
  name: string | null;
  appVersion: string;
  /** A public key as a JWK (RFC 7517), in JSON. */
  signingKey: string | null;
  /** Its JWK thumbprint (RFC 7638). */
  signingKeyThumbprint: string | null;
  createdAt: string;
  lastSeenAt: string;
}

@Entity('devices')
export class DeviceEntity implements DeviceRow {
  @KeyColumn('uuid', 'user_id', 'devices_pkey') userId!: string;
  @KeyColumn('uuid', 'id', 'devices_pkey') id!: string;
  @TextColumn('platform') platform!: Platform;
  @TextColumn('name', { nullable: true }) name!: string | null;
  @TextColumn('app_version') appVersion!: string;
  @TextColumn('signing_key', { nullable: true }) signingKey!: string | null;
  @TextColumn('signing_key_thumbprint', { nullable: true }) signingKeyThumbprint!: string | null;
  @TimeColumn('created_at') createdAt!: string;
  @TimeColumn('last_seen_at') lastSeenAt!: string;
}

/** Where pushes to a device go: what APNs, FCM or a browser has named it. */
export interface PushTokenRow {
  pushToken: string;
  userId: string;
  deviceId: string;
  createdAt: string;
}

@Entity('push_tokens')
export class PushTokenEntity implements PushTokenRow {
  @KeyColumn('text', 'push_token', 'push_tokens_pkey') pushToken!: string;
  @UuidColumn('user_id') userId!: string;
  @UuidColumn('device_id') deviceId!: string;
  @TimeColumn('created_at') createdAt!: string;
}
