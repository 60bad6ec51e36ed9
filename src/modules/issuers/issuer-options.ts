import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Signatures by a key pair: a secret or nothing at all signs no token here (RFC 8725 §3.1, §3.2). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;
const USUAL_ALGORITHMS = ['RS256', 'ES256', 'PS256', 'EdDSA'] as const;
const APPLE = 'https://appleid.apple.com';
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

const names = z.array(z.string().min(1)).min(1);
const claims = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({});
const seconds = (fallback: number, max: number) => z.number().int().min(1).max(max).default(fallback);

const ACCESS_TOKENS = z.strictObject({
  audiences: names.optional(),
  clientIds: names.optional(),
  type: z.enum(['at+jwt', 'JWT']).default('at+jwt'),
  claims,
  idTokens: z.boolean().default(false),
});

const ISSUER = z.strictObject({
  issuer: z.string(),
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9-]{0,29}$/)
    .optional(),
  audiences: names,
  authorizedParties: names.optional(),
  algorithms: z
    .array(z.enum(ALGORITHMS))
    .min(1)
    .default([...USUAL_ALGORITHMS]),
  discoveryUri: z.string().optional(),
  jwksUri: z.string().optional(),
  createAccounts: z.boolean().default(true),
  claims,
  nonce: z.enum(['plain', 'sha256']).optional(),
  maxAgeSeconds: seconds(3_600, 86_400),
  accessTokens: ACCESS_TOKENS.optional(),
  keysMaxAgeSeconds: seconds(600, 86_400),
  keysCooldownSeconds: seconds(30, 3_600),
  keysStaleSeconds: seconds(86_400, 604_800),
});

type Entry = z.output<typeof ISSUER>;
type Claims = Readonly<Record<string, string | number | boolean>>;

/** Which access tokens of an issuer stand for a person here. */
export interface AccessTokenRules {
  /** One of these is in `aud`; null where the issuer writes none. */
  readonly audiences: readonly string[] | null;
  /** One of these is `client_id`, or `azp` where there is none. */
  readonly clientIds: readonly string[] | null;
  /** `at+jwt`: RFC 9068. `JWT`: the header says that, or nothing. */
  readonly type: 'at+jwt' | 'JWT';
  readonly claims: Claims;
}

/** An issuer whose tokens are taken. */
export interface IssuerOptions {
  /** As in `iss`. */
  readonly issuer: string;
  /** What apps, logs and the audit trail call it. */
  readonly name: string;
  /** Whom its ID tokens may be for (`aud`). */
  readonly audiences: readonly string[];
  /** Who may have asked for them besides (`azp`). */
  readonly authorizedParties: readonly string[];
  readonly algorithms: readonly string[];
  readonly discoveryUri: string | null;
  /** Null: by discovery. */
  readonly jwksUri: string | null;
  /** Whether somebody unknown gets an account. */
  readonly createAccounts: boolean;
  /** What these claims of an ID token must be. */
  readonly claims: Claims;
  /** `sha256`: the token holds the SHA-256 of the app's nonce in hex, and who copies the token cannot show the nonce. */
  readonly nonce: 'plain' | 'sha256';
  /** How long after its issue an ID token signs in, in seconds. */
  readonly maxAgeSeconds: number;
  readonly accessTokens: AccessTokenRules | null;
  readonly keys: { readonly maxAgeMs: number; readonly cooldownMs: number; readonly staleMs: number };
  /** http to this machine is taken too. */
  readonly insecureLoopback: boolean;
}

/** Issuers that cannot be used as they are written: all faults at once, each with its remedy. Repeats no value. */
export class IssuerConfigError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'IssuerConfigError';
  }
}

export interface IssuerSurroundings {
  readonly production: boolean;
  /** The issuer of our own tokens. */
  readonly ownIssuer: string;
}

/** Reads OIDC_ISSUERS: a JSON array, or the path of a file that holds one. @throws IssuerConfigError */
export function loadIssuers(text: string | null, surroundings: IssuerSurroundings): readonly IssuerOptions[] {
  if (text === null) return [];
  const parsed = z.array(ISSUER).safeParse(parseJson(text));
  if (!parsed.success) throw new IssuerConfigError(parsed.error.issues.map(faultOf));
  const faults = parsed.data.flatMap((entry, index) =>
    contradictions(entry, parsed.data.slice(0, index), surroundings).map((fault) => `[${index}]${fault}`),
  );
  if (faults.length > 0) throw new IssuerConfigError(faults);
  return parsed.data.map((entry) => arrange(entry, surroundings));
}

/** https, or http to this machine where that is allowed. */
export function isAcceptableUrl(text: string, insecureLoopback: boolean): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password } = new URL(text);
  if (username || password) return false;
  return protocol === 'https:' || (insecureLoopback && protocol === 'http:' && LOOPBACK.test(hostname));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text.trimStart().startsWith('[') ? text : readFileSync(text, 'utf8'));
  } catch (error) {
    const missing = (error as { code?: string }).code === 'ENOENT';
    const fault = missing ? 'names a file that is not there' : 'is neither JSON nor the path of a file with JSON in it';
    throw new IssuerConfigError([` ${fault}. Set it to a JSON array of issuers, or to the path of a file with one.`]);
  }
}

function faultOf({ path, message }: z.core.$ZodIssue): string {
  const [index, ...rest] = path.map(String);
  const place = index === undefined ? '' : `[${index}]${rest.map((each) => `.${each}`).join('')}`;
  // Zod's messages say what is expected; of what was found they repeat the names of unknown keys only.
  return `${place}: ${message}. The README says what an issuer looks like.`;
}

function contradictions(entry: Entry, earlier: readonly Entry[], { production, ownIssuer }: IssuerSurroundings) {
  const faults: string[] = [];
  for (const field of ['issuer', 'discoveryUri', 'jwksUri'] as const) {
    const value = entry[field];
    if (value !== undefined && !isAcceptableUrl(value, !production)) {
      faults.push(`.${field} must be an https URL. Outside production, http://127.0.0.1 will do too.`);
    }
  }
  if (/[?#]/.test(entry.issuer)) faults.push('.issuer has a query or a fragment. Write it as in the tokens (iss).');
  if (entry.issuer === ownIssuer) faults.push('.issuer is PUBLIC_URL: our own tokens need no entry. Take it out.');
  if (earlier.some(({ issuer }) => issuer === entry.issuer)) {
    faults.push('.issuer is there twice. Put all audiences into one entry.');
  } else if (earlier.some((each) => nameOf(each) === nameOf(entry))) {
    faults.push('.name is there twice. Give each issuer a name of its own.');
  }
  if (entry.accessTokens) faults.push(...accessTokenFaults(entry, entry.accessTokens));
  return faults;
}

function accessTokenFaults({ audiences }: Entry, rules: NonNullable<Entry['accessTokens']>): string[] {
  const faults: string[] = [];
  if (!rules.audiences && !rules.clientIds) {
    faults.push('.accessTokens would take tokens made for other services. Set audiences, or clientIds, or both.');
  }
  const shared = !rules.audiences || rules.audiences.some((each) => audiences.includes(each));
  if (rules.type === 'JWT' && shared && Object.keys(rules.claims).length === 0 && !rules.idTokens) {
    const remedy = 'Set accessTokens.claims to what tells them apart, or accessTokens.idTokens to true if it is meant';
    faults.push(`.accessTokens would take ID tokens too. ${remedy}.`);
  }
  return faults;
}

function nameOf({ name, issuer }: Entry): string {
  return name ?? (URL.canParse(issuer) ? new URL(issuer).hostname : issuer);
}

function arrange(entry: Entry, { production }: IssuerSurroundings): IssuerOptions {
  const { accessTokens } = entry;
  return {
    issuer: entry.issuer,
    name: nameOf(entry),
    audiences: entry.audiences,
    authorizedParties: entry.authorizedParties ?? [],
    algorithms: entry.algorithms,
    discoveryUri: entry.discoveryUri ?? null,
    jwksUri: entry.jwksUri ?? null,
    createAccounts: entry.createAccounts,
    claims: entry.claims,
    nonce: entry.nonce ?? (entry.issuer === APPLE ? 'sha256' : 'plain'),
    maxAgeSeconds: entry.maxAgeSeconds,
    accessTokens: accessTokens
      ? {
          audiences: accessTokens.audiences ?? null,
          clientIds: accessTokens.clientIds ?? null,
          type: accessTokens.type,
          claims: accessTokens.claims,
        }
      : null,
    keys: {
      maxAgeMs: entry.keysMaxAgeSeconds * 1_000,
      cooldownMs: entry.keysCooldownSeconds * 1_000,
      staleMs: entry.keysStaleSeconds * 1_000,
    },
    insecureLoopback: !production,
  };
}
