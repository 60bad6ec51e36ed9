import { decodeJwt } from 'jose';
import { decodeId } from '../../src/kernel/ids';
import { AccessTokens } from '../../src/modules/auth/access-token';
import { TEST_SIGNING_KEY } from '../support/app';

const HOUR_MS = 3_600_000;

/** What an app keeps of a person signed in, and how it stays signed in. */
export class Session {
  /** How often the tokens were exchanged. */
  refreshes = 0;
  private accessToken: string | null = null;
  private refreshToken: string | null = null;
  private refreshing: Promise<void> | null = null;

  constructor(private readonly url: string) {}

  /** The header of a request, and the parameter of a socket. */
  get credentials(): { authorization?: string } {
    return this.accessToken === null ? {} : { authorization: `Bearer ${this.accessToken}` };
  }

  /** Keeps what signUp or signIn answered. */
  start(tokens: { accessToken: string | null; refreshToken: string | null }): void {
    this.accessToken = tokens.accessToken;
    this.refreshToken = tokens.refreshToken;
  }

  /** Gets new tokens; those who ask at once share one exchange. */
  refresh(): Promise<void> {
    this.refreshing ??= this.exchange().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  /** RFC 6749 section 6. */
  private async exchange(): Promise<void> {
    const response = await fetch(`${this.url}/oauth/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: this.refreshToken ?? '' }),
    });
    if (!response.ok) throw new Error(`the refresh token was refused: ${await response.text()}`);
    const tokens = (await response.json()) as { access_token: string; refresh_token: string };
    this.start({ accessToken: tokens.access_token, refreshToken: tokens.refresh_token });
    this.refreshes += 1;
  }

  /** What the passing of time does: the access token is the one that would have been issued an hour ago. */
  async growOld(): Promise<void> {
    const { iss, sub, sid } = decodeJwt<{ sid: string }>(this.accessToken ?? '');
    const past = Date.now() - HOUR_MS;
    const tokens = await AccessTokens.create({
      signingKeyPem: TEST_SIGNING_KEY,
      issuer: iss ?? '',
      lifetimeSeconds: 60,
      clock: { ms: () => past, now: () => new Date(past).toISOString() },
    });
    this.accessToken = await tokens.issue({ userId: uuidOf(sub), sessionId: uuidOf(sid) });
  }
}

function uuidOf(id: string | undefined): string {
  const decoded = decodeId(id ?? '');
  if (!decoded) throw new Error(`${id} is no id`);
  return decoded.uuid;
}
