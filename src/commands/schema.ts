import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { composeModules } from '../composition';
import type { Config } from '../config';
import { printPorticoSchema } from '../graphql/schema';
import type { Database } from '../platform/postgres/database';
import { createLocalDoorbell } from '../platform/redis/doorbell';
import type { Log } from '../platform/telemetry/log';
import { findSecrets } from './surroundings';

const SCHEMA_FILE = path.join(__dirname, '..', '..', '..', 'schema.graphql');

/** The schema of this build as SDL. Needs no database: nothing is executed. */
export async function emitSchema(config: Config, log: Log): Promise<string> {
  const untouched = {} as Database;
  const foundation = { config, database: untouched, doorbell: createLocalDoorbell(), log, ...findSecrets(config) };
  return printPorticoSchema((await composeModules(foundation)).schema);
}

/** Writes schema.graphql; with `check`, says instead whether it is current. */
export async function writeSchema(config: Config, log: Log, check: boolean): Promise<boolean> {
  const text = await emitSchema(config, log);
  if (check) return readFileSync(SCHEMA_FILE, 'utf8') === text;
  writeFileSync(SCHEMA_FILE, text);
  return true;
}
