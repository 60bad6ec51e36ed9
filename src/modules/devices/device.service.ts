import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import { InputCheck, type TextRule } from '../../kernel/text';
import type { Viewer } from '../../kernel/viewer';
import type { Transaction } from '../../platform/postgres/database';
import type { AuditTrail } from '../audit';
import type { PublicKey, SessionService } from '../auth';
import type { Platform } from './device.entity';
import * as devices from './device.repository';

export const DEVICE_PREFIX = 'device';
const NAME_RULE: TextRule = { min: 1, max: 60 };
const APP_VERSION_RULE: TextRule = { min: 1, max: 64 };
/** APNs and FCM send less, a browser's whole subscription is a few hundred; an index row holds no more than 2,700 bytes. */
const PUSH_TOKEN_MAX = 2_048;
const PUSH_TOKEN = new RegExp(`^[\\x21-\\x7e]{1,${PUSH_TOKEN_MAX}}$`);

export interface DeviceRegistration {
  readonly platform: Platform;
  readonly appVersion: string;
  /** Left out, or null, it stays as it is. */
  readonly name?: string | null;
  /** Left out it stays as it is; null ends pushes. */
  readonly pushToken?: string | null;
  /** What it signs with, proven and vouched for; left out, it stays as it is. */
  readonly key?: PublicKey | null;
}

/** The devices that sessions are of, and where pushes to them go. */
export class DeviceService {
  constructor(
    private readonly clock: Clock,
    private readonly newId: NewId,
    private readonly sessions: SessionService,
    private readonly audit: AuditTrail,
  ) {
    sessions.whenEnding(async (tx, userId, ended) => {
      const ids = ended.flatMap(({ deviceId }) => deviceId ?? []);
      if (ids.length > 0) await devices.silence(tx, userId, ids);
    });
  }

  /**
   * Says what device the viewer's session is of. A session has one device: said again, it is changed. A device that was
   * signed in to before is known by its push token, which is taken from whoever had it.
   * @throws UserErrors INVALID.
   */
  async register(
    tx: Transaction,
    viewer: Viewer,
    wanted: DeviceRegistration,
    address: string,
  ): Promise<{ deviceId: string }> {
    const { platform, appVersion, name, pushToken, key } = checked(wanted);
    const { userId } = viewer;
    const before = await this.sessions.lockDeviceId(tx, viewer);
    const known = before === null && pushToken ? await devices.findIdByPushToken(tx, userId, pushToken) : before;
    const deviceId = known ?? this.newId();
    const now = this.clock.now();
    await devices.put(tx, { userId, id: deviceId, platform, name: name ?? null, appVersion, lastSeenAt: now });
    if (deviceId !== before) await this.sessions.attachDevice(tx, viewer, deviceId);
    if (pushToken) await devices.putPushToken(tx, { pushToken, userId, deviceId, createdAt: now });
    else if (pushToken === null) await devices.deletePushTokens(tx, userId, deviceId);
    if (key) await this.putKey(tx, viewer, deviceId, key, address);
    return { deviceId };
  }

  private async putKey(tx: Transaction, viewer: Viewer, deviceId: string, key: PublicKey, address: string) {
    const signingKey = JSON.stringify(key.jwk);
    const row = { userId: viewer.userId, id: deviceId, signingKey, signingKeyThumbprint: key.thumbprint };
    const before = await devices.putKey(tx, row);
    if (before === key.thumbprint) return;
    const of = { ...viewer, address };
    if (before !== null) this.audit.append(tx, { kind: 'key.removed', ...of, details: { key: before } });
    this.audit.append(tx, { kind: 'key.registered', ...of, details: { key: key.thumbprint } });
  }
}

/** @throws UserErrors INVALID with everything that is wrong. */
function checked(wanted: DeviceRegistration): DeviceRegistration {
  const check = new InputCheck();
  const appVersion = check.text(['input', 'appVersion'], wanted.appVersion, APP_VERSION_RULE);
  const name = wanted.name == null ? wanted.name : check.text(['input', 'name'], wanted.name, NAME_RULE);
  if (wanted.pushToken != null && !PUSH_TOKEN.test(wanted.pushToken)) {
    check.add(['input', 'pushToken'], `Use 1 to ${PUSH_TOKEN_MAX} printable ASCII characters without spaces.`);
  }
  check.done();
  return { ...wanted, appVersion, name };
}
