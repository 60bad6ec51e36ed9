import { readFileSync } from 'node:fs';
import { composeAudit } from '../composition';
import type { Config } from '../config';
import { type ChainEnds, type ChainReport, checkTrail } from '../modules/audit';
import type { Log } from '../platform/telemetry/log';
import { requireMigrated, withDatabase } from './migrate';
import { StartFault } from './start-fault';

/** Outputs of earlier checks. */
export interface EndFiles {
  /** The chains must still go through the ends noted in it. */
  readonly ends: string | null;
  /** Rows up to the ends noted in it have been moved away. */
  readonly archived: string | null;
}

export interface AuditVerdict {
  /** What to print. It can be given to a later check, which then finds rows that were cut off meanwhile. */
  readonly lines: readonly string[];
  readonly holds: boolean;
}

const NOTHING = '0 events in 0 chains';
const END_LINE = /^chain +(\d+) +(\d+) +([\w-]{43})(?!\S)/;

/** Reads the arguments of the command; null when they are not those that it takes. */
export function readEnds(args: readonly string[]): EndFiles | null {
  const files: { ends: string | null; archived: string | null } = { ends: null, archived: null };
  for (let i = 0; i < args.length; i += 2) {
    const name = args[i]?.replace(/^--/, '') as keyof EndFiles;
    const file = args[i + 1];
    if (!args[i]?.startsWith('--') || !(name in files) || !file) return null;
    files[name] = file;
  }
  return files;
}

/** Checks the audit trail of a database. @throws StartFault when a file of ends cannot be used. */
export async function checkAudit(
  url: string,
  config: Config,
  log: Log,
  secretKey: string,
  { ends, archived }: EndFiles,
): Promise<AuditVerdict> {
  const options = { ...(ends && { seen: readFile(ends) }), ...(archived && { archived: readFile(archived) }) };
  await requireMigrated(url, config, log);
  const reports = await withDatabase(url, config, log, ({ database }) =>
    checkTrail(database, composeAudit(secretKey), options),
  );
  return describe(reports);
}

function describe(reports: readonly ChainReport[]): AuditVerdict {
  const lines = reports.map(({ chain, end, fault }) => {
    const held = `chain ${String(chain).padStart(2)}  ${String(end.seq).padStart(9)}  ${end.hash || '-'.repeat(43)}`;
    return fault ? `${held}  BROKEN at row ${fault.seq}: ${fault.kind}. ${fault.explanation}.` : held;
  });
  const broken = reports.filter(({ fault }) => fault !== null).map(({ chain }) => chain);
  const total = reports.reduce((sum, { end }) => sum + end.seq, 0);
  const verdict =
    broken.length === 0
      ? `The audit trail holds: ${total} events in ${reports.length} chains. Keep this output away from the database.`
      : `The audit trail is BROKEN in ${broken.length} of ${reports.length} chains: ${broken.join(', ')}. ${total} events hold.`;
  return { lines: [...lines, verdict], holds: broken.length === 0 };
}

function readFile(file: string): ChainEnds {
  const remedy = 'Give it a file with what "npm run audit" printed earlier.';
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartFault(`${file} cannot be read: ${(error as Error).message}.`, remedy);
  }
  const found = text.split('\n').flatMap((line) => {
    const [, chain, seq, hash] = END_LINE.exec(line) ?? [];
    return hash ? [[Number(chain), { seq: Number(seq), hash }] as const] : [];
  });
  if (found.length === 0 && !text.includes(NOTHING)) throw new StartFault(`${file} holds no ends of chains.`, remedy);
  return new Map(found);
}
