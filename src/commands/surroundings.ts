import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Config } from '../config';
import { startEmbeddedPostgres } from '../platform/embedded/embedded-postgres';
import type { Log } from '../platform/telemetry/log';

/** The database that commands work on, found or started. */
export interface Surroundings {
  readonly databaseUrl: string;
  readonly directUrl: string;
  /** The database is the one that development brings along. */
  readonly embedded: boolean;
  stop(): Promise<void>;
}

export interface Secrets {
  readonly secretKey: string;
  readonly signingKeyPem: string;
}

/** The configured database, or in development the embedded one, started for this process. */
export async function findSurroundings(config: Config, log: Log): Promise<Surroundings> {
  const { url, directUrl } = config.database;
  if (url !== null) return { databaseUrl: url, directUrl: directUrl ?? url, embedded: false, stop: async () => {} };
  const postgres = await startEmbeddedPostgres({
    dataDir: path.resolve(config.dataDir, 'postgres'),
    log: (event, fields) => log.debug(fields, event),
  });
  return { databaseUrl: postgres.url, directUrl: postgres.url, embedded: true, stop: () => postgres.stop() };
}

/** The configured secrets; in development those that the data folder keeps, made when there are none. */
export function findSecrets(config: Config): Secrets {
  const { secretKey, signingKeyPem } = config.auth;
  if (secretKey !== null && signingKeyPem !== null) return { secretKey, signingKeyPem };
  const kept = keptSecrets(path.resolve(config.dataDir));
  return { secretKey: secretKey ?? kept.secretKey, signingKeyPem: signingKeyPem ?? kept.signingKeyPem };
}

function keptSecrets(folder: string): Secrets {
  const file = path.join(folder, 'secrets.json');
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // A file cut short by a crash is made anew; one that cannot be read is for a person to look at.
    if (code !== 'ENOENT' && !(error instanceof SyntaxError)) throw error;
  }
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const secrets = {
    secretKey: randomBytes(48).toString('base64'),
    signingKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, JSON.stringify(secrets, null, 2), { mode: 0o600 });
  return secrets;
}
