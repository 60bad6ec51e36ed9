import type { DemoAccount, PlaygroundConfig } from '../config';

/** A token is renewed this long before it expires, so that it does not expire on its way to the server. */
const RENEW_AHEAD_MS = 30_000;

const TOKEN_ENDPOINT = '/oauth/token';

/** Survives a reload and belongs to one window, so that two windows can be two people. */
const ACCOUNT_KEY = 'portico:account';
const ANONYMOUS = '';

const SIGN_IN = /* GraphQL */ `
  mutation PlaygroundSignIn($handle: String!, $password: String!) {
    signIn(input: { login: $handle, password: $password }) {
      accessToken
      refreshToken
      expiresIn
      userErrors { code message path }
      viewer { user { name handle } }
    }
  }
`;

interface SignInResponse {
  data?: {
    signIn?: {
      accessToken: string | null;
      refreshToken: string | null;
      expiresIn: number | null;
      userErrors: { message: string }[];
    };
  };
  errors?: { message: string }[];
}

interface TokenResponse {
  access_token: string;
  refresh_token: string;
  expires_in: number;
}

interface Tokens {
  access: string;
  refresh: string | null;
  renewAt: number;
}

/** Who requests are sent as. `account` is null for anonymous; `problem` is a sentence for the reader. */
export interface SessionState {
  account: DemoAccount | null;
  status: 'anonymous' | 'signing-in' | 'signed-in' | 'failed';
  problem: string | null;
}

/**
 * Signs in as a demo account and keeps its access token fresh. Tokens stay in memory: a reload signs in again, which
 * also works after the development database was made anew.
 */
export class Session {
  readonly accounts: readonly DemoAccount[];
  private state: SessionState = { account: null, status: 'anonymous', problem: null };
  /** Settles when the current account has tokens; null for anonymous. Never rejects: a failure is in the state. */
  private tokens: Promise<Tokens | null> = Promise.resolve(null);
  private readonly listeners = new Set<() => void>();

  constructor(private readonly config: PlaygroundConfig) {
    this.accounts = config.demoPassword === null ? [] : config.demoAccounts;
  }

  /** Signs in as the account this window used last, at its first visit as the first one. */
  start(): void {
    const remembered = sessionStorage.getItem(ACCOUNT_KEY);
    if (remembered === ANONYMOUS) {
      return;
    }
    const account = this.accounts.find(({ handle }) => handle === remembered) ?? this.accounts[0];
    if (account) {
      this.signIn(account);
    }
  }

  signIn(account: DemoAccount): void {
    sessionStorage.setItem(ACCOUNT_KEY, account.handle);
    this.become({ account, status: 'signing-in', problem: null }, this.requestTokens(account));
  }

  /** The tokens are forgotten, not revoked: they end by themselves within minutes. */
  signOut(): void {
    sessionStorage.setItem(ACCOUNT_KEY, ANONYMOUS);
    this.become({ account: null, status: 'anonymous', problem: null }, Promise.resolve(null));
  }

  /** The Authorization header of the current account, waiting for a sign-in under way; null for anonymous. */
  async authorization(): Promise<string | null> {
    const tokens = await this.tokens;
    const { account, status } = this.state;
    if (tokens && Date.now() >= tokens.renewAt) {
      this.renew(tokens.access);
    } else if (account && status === 'failed') {
      // The server may have been restarting; a request is worth another try.
      this.signIn(account);
    }
    const current = await this.tokens;
    return current && `Bearer ${current.access}`;
  }

  /** Replaces a token that the server no longer takes. Several callers with the same token cause one renewal. */
  renew(rejectedToken: string): void {
    const { account } = this.state;
    if (account) {
      this.tokens = this.tokens.then((tokens) => {
        const isCurrent = tokens?.access === rejectedToken && this.state.account === account;
        return isCurrent ? this.refreshTokens(account, tokens) : tokens;
      });
    }
  }

  /** For useSyncExternalStore. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** For useSyncExternalStore: the same object until something changes. */
  readonly snapshot = (): SessionState => this.state;

  private become(state: SessionState, tokens: Promise<Tokens | null>): void {
    this.tokens = tokens;
    this.change(state);
  }

  private change(state: SessionState): void {
    this.state = state;
    for (const listener of this.listeners) {
      listener();
    }
  }

  /** Reports for `account` only while it still is the chosen one; an answer that comes later is nobody's. */
  private report(account: DemoAccount, status: SessionState['status'], problem: string | null = null): void {
    if (this.state.account === account && (this.state.status !== status || this.state.problem !== problem)) {
      this.change({ account, status, problem });
    }
  }

  private async requestTokens(account: DemoAccount): Promise<Tokens | null> {
    try {
      const tokens = await this.signInAtServer(account);
      this.report(account, 'signed-in');
      return tokens;
    } catch (error) {
      this.report(account, 'failed', error instanceof Error ? error.message : String(error));
      return null;
    }
  }

  private async signInAtServer(account: DemoAccount): Promise<Tokens> {
    const response = await fetch(this.config.endpoint, {
      method: 'POST',
      headers: { accept: 'application/graphql-response+json, application/json', 'content-type': 'application/json' },
      body: JSON.stringify({
        query: SIGN_IN,
        operationName: 'PlaygroundSignIn',
        variables: { handle: account.handle, password: this.config.demoPassword },
      }),
    });
    const { data, errors } = (await response.json()) as SignInResponse;
    const payload = data?.signIn;
    if (!payload?.accessToken) {
      const reason = payload?.userErrors[0]?.message ?? errors?.[0]?.message;
      throw new Error(reason ?? `The server answered ${response.status} and no token.`);
    }
    return readTokens(payload.accessToken, payload.refreshToken, payload.expiresIn);
  }

  /** RFC 6749, section 6. A refresh token that is refused is replaced by signing in again. */
  private async refreshTokens(account: DemoAccount, tokens: Tokens): Promise<Tokens | null> {
    if (tokens.refresh) {
      const body = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: tokens.refresh });
      try {
        const response = await fetch(TOKEN_ENDPOINT, { method: 'POST', body });
        if (response.ok) {
          const answer = (await response.json()) as TokenResponse;
          return readTokens(answer.access_token, answer.refresh_token, answer.expires_in);
        }
      } catch {
        // Unreachable or not JSON. Signing in meets the same fault and reports it.
      }
    }
    return this.requestTokens(account);
  }
}

function readTokens(access: string, refresh: string | null, expiresInSeconds: number | null): Tokens {
  const lifetimeMs = expiresInSeconds === null ? Number.POSITIVE_INFINITY : expiresInSeconds * 1000;
  // Half of a lifetime shorter than the lead: renewing before every request would never end.
  const leadMs = Math.min(RENEW_AHEAD_MS, lifetimeMs / 2);
  return { access, refresh, renewAt: Date.now() + lifetimeMs - leadMs };
}
