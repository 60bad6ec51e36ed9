import { createLocalJWKSet, errors, type JSONWebKeySet, type JWSHeaderParameters } from 'jose';
import type { Clock } from '../../kernel/clock';
import { Fault } from '../../kernel/errors';
import type { FetchJson } from '../../platform/http/fetch-json';
import type { Log } from '../../platform/telemetry/log';
import { type IssuerOptions, isAcceptableUrl } from './issuer-options';

const DISCOVERY_PATH = '/.well-known/openid-configuration';
/** An issuer moves its keys to another address seldom, and says so at the same one. */
const DISCOVERY_MAX_AGE_MS = 3_600_000;
/** How soon an issuer that did not answer is asked again. */
const AWAY_RETRY_MS = 5_000;

type KeySet = ReturnType<typeof createLocalJWKSet>;

interface Fetched<Value> {
  readonly value: Value;
  readonly at: number;
}

/**
 * The signing keys of one issuer, by OpenID Connect Discovery 1.0 and JWKS (RFC 7517). They are fetched again when they
 * are old, and when a token names a key that is not among them, but never more often than the cooldown allows: strangers
 * can name as many keys as they like. While the issuer is away, keys known go on to be used for a bounded time.
 */
export class IssuerKeys {
  private keys: Fetched<KeySet> | null = null;
  private keysUri: Fetched<string> | null = null;
  private triedAt: number | null = null;
  private away = false;
  private fetching: Promise<void> | null = null;

  constructor(
    private readonly options: IssuerOptions,
    private readonly fetchJson: FetchJson,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /**
   * The key of a token, for jose.
   * @throws JWKSNoMatchingKey when the issuer has no such key; Fault SERVICE_UNAVAILABLE when nobody can tell now.
   */
  readonly find = async (header: JWSHeaderParameters) => {
    if (!this.isYoung(this.keys, this.options.keys.maxAgeMs)) await this.refresh();
    const known = this.usable();
    try {
      return await known(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh();
      const fresh = this.usable();
      if (fresh === known && this.away) throw this.unavailable();
      return fresh(header);
    }
  };

  /** Fetches them before anybody asks. Never throws: whether the issuer answers decides nothing at start. */
  async warm(): Promise<void> {
    await this.refresh();
  }

  private usable(): KeySet {
    if (!this.keys || !this.isYoung(this.keys, this.options.keys.staleMs)) throw this.unavailable();
    return this.keys.value;
  }

  /** All who ask at once wait for one fetch. Never throws. */
  private refresh(): Promise<void> {
    if (this.fetching) return this.fetching;
    const { cooldownMs } = this.options.keys;
    const pause = this.away ? Math.min(AWAY_RETRY_MS, cooldownMs) : cooldownMs;
    if (this.triedAt !== null && this.isYoung({ at: this.triedAt }, pause)) return Promise.resolve();
    this.triedAt = this.clock.ms();
    this.fetching = this.fetch().finally(() => {
      this.fetching = null;
    });
    return this.fetching;
  }

  private async fetch(): Promise<void> {
    const { name } = this.options;
    try {
      const keySet = (await this.fetchJson(await this.findKeysUri())) as JSONWebKeySet;
      this.keys = { value: createLocalJWKSet(keySet), at: this.clock.ms() };
      if (this.away) this.log.info({ issuer: name }, 'the keys of an issuer can be fetched again');
      this.away = false;
    } catch (error) {
      this.away = true;
      // The keys may have moved.
      this.keysUri = null;
      const fault = error instanceof Error ? error.message : String(error);
      this.log.warn({ issuer: name, fault }, 'the keys of an issuer could not be fetched');
    }
  }

  private async findKeysUri(): Promise<string> {
    const { issuer, jwksUri, discoveryUri, insecureLoopback } = this.options;
    if (jwksUri !== null) return jwksUri;
    if (this.keysUri && this.isYoung(this.keysUri, DISCOVERY_MAX_AGE_MS)) return this.keysUri.value;
    const found = await this.fetchJson(discoveryUri ?? `${issuer.replace(/\/$/, '')}${DISCOVERY_PATH}`);
    const { issuer: named, jwks_uri: uri } = Object(found) as Record<string, unknown>;
    // OpenID Connect Discovery 1.0 §4.3: exactly; else the document is about somebody else.
    if (named !== issuer) throw new Error('the discovery document names another issuer');
    if (typeof uri !== 'string' || !isAcceptableUrl(uri, insecureLoopback)) {
      throw new Error('the discovery document names no address of keys that may be used');
    }
    this.keysUri = { value: uri, at: this.clock.ms() };
    return uri;
  }

  private isYoung(fetched: { readonly at: number } | null, maxAgeMs: number): boolean {
    if (!fetched) return false;
    const age = this.clock.ms() - fetched.at;
    // A clock that was set back makes nothing young for ever.
    return age >= 0 && age < maxAgeMs;
  }

  private unavailable(): Fault {
    const { name } = this.options;
    return new Fault('SERVICE_UNAVAILABLE', `The keys of ${name} cannot be fetched now. Try again in a few seconds.`);
  }
}
