import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../kernel/clock';
import { sha256 } from '../../kernel/digest';

const LIFETIME_MS = 365 * 86_400_000;
const DEVICE_BYTES = 16;
const TOKEN_LENGTH_MAX = 512;
/** The handle and the address of an account, and one of the two as it was before. */
const LOGINS_MAX = 3;

/** What a device token says. */
export interface KnownDevice {
  readonly userId: string;
  /** Hashes of the logins by which the account was signed in to on it. */
  readonly logins: readonly string[];
  /** Names the device: it stays while each sign-in brings the token of the one before. */
  readonly device: string;
}

/** What people type to name an account, as it is counted and looked up. */
export function hashLogin(login: string): string {
  return sha256(login.trim().toLowerCase()).slice(0, 32);
}

/**
 * Tokens that tell the devices on which somebody has signed in before from all others ("device cookies" of OWASP's
 * guide on slowing down online guessing). One opens nothing: it only lets the device make mistakes of its own while
 * strangers have used up those of the account. Nothing is stored; the token is authenticated by HMAC-SHA-256.
 */
export class DeviceTokens {
  constructor(
    private readonly clock: Clock,
    private readonly key: Buffer,
  ) {}

  /**
   * For a device on which this account has just been signed in to by this login.
   * @param earlier What it has brought.
   */
  issue(userId: string, login: string, earlier?: string | null): string {
    const brought = this.read(earlier);
    const known = brought?.userId === userId ? brought : null;
    const device = known?.device ?? randomBytes(DEVICE_BYTES).toString('base64url');
    const logins = [...new Set([hashLogin(login), ...(known?.logins ?? [])])].slice(0, LOGINS_MAX);
    const parts = [userId, logins, device, this.clock.ms() + LIFETIME_MS];
    const body = Buffer.from(JSON.stringify(parts)).toString('base64url');
    return `${body}.${this.mac(body).toString('base64url')}`;
  }

  /**
   * Names the device on which the account of this login has been signed in to by this login; null when the token is not
   * of such a device. Tokens are easily had for an account of one's own: for others they make no difference.
   */
  recognize(token: string, login: string): string | null {
    const known = this.read(token);
    return known?.logins.includes(hashLogin(login)) ? known.device : null;
  }

  /** Null for what `issue` did not make, or has ended. Never throws. */
  read(token: string | null | undefined): KnownDevice | null {
    if (!token || token.length > TOKEN_LENGTH_MAX) return null;
    const [body = '', mac = ''] = token.split('.');
    const [sent, right] = [Buffer.from(mac, 'base64url'), this.mac(body)];
    if (sent.length !== right.length || !timingSafeEqual(sent, right)) return null;
    const [userId, logins, device, endsAt] = JSON.parse(Buffer.from(body, 'base64url').toString());
    return endsAt > this.clock.ms() ? { userId, logins, device } : null;
  }

  private mac(body: string): Buffer {
    return createHmac('sha256', this.key).update(body).digest();
  }
}
