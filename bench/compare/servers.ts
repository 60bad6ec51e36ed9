/** The servers that are measured, each as it would run in production. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../../src/kernel/clock';
import { AccessTokens } from '../../src/modules/auth/access-token';
import type { Case } from './cases';
import type { Command } from './child';
import { BENCH, CACHE, PEERS, PRODUCT } from './places';
import { DIALECTS, type Dialect, portico, REGISTERED, type Read, STRANGERS } from './reads';

export interface ServerKind {
  readonly name: string;
  readonly dialect: Dialect;
  command(surroundings: Surroundings): Command;
  /** All when left out. */
  readonly reads?: readonly Read[];
  /** Its answers hold nothing of a viewer. */
  readonly isForStrangers?: boolean;
  /** Measured warm: sent all its requests so often right before each measurement. */
  readonly passesBefore?: number;
  /** Left out of `--quick`. */
  readonly slow?: boolean;
}

export interface Surroundings {
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

const NODE_22 = 22;

/** PostGraphile needs Node 22, which stands in bench/node_modules for machines that have an older one. */
function node22(): string {
  if (Number.parseInt(process.versions.node, 10) >= NODE_22) return process.execPath;
  return path.join(BENCH, 'node_modules', `node-${process.platform}-${process.arch}`, 'bin', 'node');
}

function peer(
  name: string,
  file: string,
  dialect: Dialect,
  env: Record<string, string> = {},
  slow = false,
): ServerKind {
  const isGenerated = file.endsWith('.mjs');
  return {
    name,
    dialect,
    slow,
    command: ({ databaseUrl }) => ({
      program: isGenerated ? node22() : process.execPath,
      args: [path.join(isGenerated ? path.join(BENCH, 'peers') : PEERS, file)],
      env: { DATABASE_URL: databaseUrl, GRAPHILE_ENV: 'production', ...env },
    }),
  };
}

export const LIMIT = 'limit';
export const TEXTBOOK = 'textbook';
export const RIVAL = 'PostGraphile, best settings';
export const PRODUCT_NAME = 'Portico';

/** The two that Portico is compared with most, and Portico as it is. */
export function isMain({ name }: ServerKind): boolean {
  return name === LIMIT || name === RIVAL || name === PRODUCT_NAME;
}

/** The second is kept, and the third goes out as all later ones do. */
const PASSES_TO_WARM = 3;

/** Portico with the settings of production, and what else it can be. */
const VARIANTS: readonly Variant[] = [
  { name: PRODUCT_NAME },
  { name: `${PRODUCT_NAME}, entity cache`, env: { ENTITY_CACHE: 'on' }, passesBefore: PASSES_TO_WARM },
  {
    name: `${PRODUCT_NAME}, anonymous GET`,
    dialect: STRANGERS,
    reads: ['post', 'profile'],
    isForStrangers: true,
    passesBefore: PASSES_TO_WARM,
  },
];

interface Variant extends Partial<Pick<ServerKind, 'dialect' | 'reads' | 'isForStrangers' | 'passesBefore'>> {
  readonly name: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** All clients of a benchmark come from one address, and ask more than people do. Every check is made all the same. */
const WIDE = {
  BUDGET_CAPACITY: '1000000000',
  BUDGET_RESTORE_PER_SECOND: '1000000000',
  ATTEMPTS_MAX: '1000000000',
  // On a machine that the load fills, the event loop is late by design.
  LOAD_SHED_DELAY_MS: '60000',
};
const ISSUER = 'http://localhost';
const TOKEN_SECONDS = 86_400;

function writeManifest(): string {
  const file = path.join(CACHE, 'documents.json');
  writeFileSync(file, JSON.stringify(REGISTERED));
  return file;
}

/** All of them, with tokens for the viewers of the cases. */
export async function listServers(cases: readonly Case[]): Promise<ServerKind[]> {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signingKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const issuing = { signingKeyPem, issuer: ISSUER, lifetimeSeconds: TOKEN_SECONDS, clock: systemClock };
  const accessTokens = await AccessTokens.create(issuing);
  const tokens = new Map<string, string>();
  for (const { viewerId, sessionId } of cases) {
    tokens.set(viewerId, await accessTokens.issue({ userId: viewerId, sessionId }));
  }
  const dialect = portico(tokens);
  const manifest = writeManifest();
  const ours = VARIANTS.map(({ env, ...variant }) => ({
    dialect,
    ...variant,
    command: ({ databaseUrl, redisUrl }: Surroundings) => ({
      program: process.execPath,
      // As `npm run serve` does.
      args: ['--max-semi-space-size=64', '--no-allocation-site-pretenuring', PRODUCT, 'serve'],
      env: {
        HOST: '127.0.0.1',
        PORT: '0',
        PUBLIC_URL: ISSUER,
        DATABASE_URL: databaseUrl,
        REDIS_URL: redisUrl,
        SECRET_KEY: 'a secret for benchmarks that nobody knows',
        TOKEN_SIGNING_KEY: signingKeyPem,
        ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS),
        MAIL_URL: 'smtp://127.0.0.1:1',
        DOCUMENT_MANIFESTS: manifest,
        DOCUMENT_POLICY: 'open',
        ...WIDE,
        ...env,
      },
    }),
  }));
  return [
    peer(LIMIT, 'limit.js', DIALECTS.handWritten),
    peer(TEXTBOOK, 'textbook.js', DIALECTS.plain),
    peer('Yoga + Pothos', 'yoga.js', DIALECTS.plain, {}, true),
    peer('Mercurius, JIT', 'mercurius.js', DIALECTS.plain),
    peer('PostGraphile, default', 'postgraphile.mjs', DIALECTS.generated, {}, true),
    peer(RIVAL, 'postgraphile.mjs', DIALECTS.lists, { PEER_SETTINGS: 'best' }),
    ...ours,
  ];
}
