import pino from 'pino';
import { GatheredLines, type Lines } from './gathered-lines';

/** Structured events: fields first, then the name of the event. Ids may stand in fields; bodies and secrets may not. */
export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
}

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** `json`: one object a line. `pretty`: one readable line, for a terminal in development. */
  readonly format: 'json' | 'pretty';
  /** Where lines go; standard output when left out. */
  readonly destination?: Lines;
}

/** A second line of defence: no call site logs these, and a slip is cut here. */
const NEVER_LOGGED = new Set([
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'email',
  'text',
  'variables',
]);
const NEVER_LOGGED_PATHS = [...NEVER_LOGGED].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

/**
 * Writes to standard output, as JSON the lines of a moment together: warnings and errors at once, with what was before them,
 * and the rest when the process ends, however it ends by itself. To a destination of its own it writes line by line.
 */
export function createLog(options: LogOptions): Log {
  if (options.destination) return logTo(options.destination, options);
  if (options.format === 'pretty') return logTo(process.stdout, options);
  const lines = gatherStandardOutput();
  const log = logTo(lines, options);
  return {
    debug: log.debug,
    info: log.info,
    warn(fields, event) {
      log.warn(fields, event);
      lines.flush();
    },
    error(fields, event) {
      log.error(fields, event);
      lines.flush();
    },
  };
}

let standardOutput: GatheredLines | undefined;

/** The one of this process, whose end is listened for once however many logs there are. */
function gatherStandardOutput(): GatheredLines {
  if (!standardOutput) {
    const lines = new GatheredLines(process.stdout);
    process.once('exit', () => lines.flush());
    standardOutput = lines;
  }
  return standardOutput;
}

function logTo(out: Lines, { level, format }: LogOptions): Log {
  const destination = format === 'pretty' ? { write: (line: string) => out.write(prettyLine(line)) } : out;
  const plain = pino({ level, base: null }, destination);
  const redacting = pino(
    { level, base: null, redact: { paths: NEVER_LOGGED_PATHS, censor: '[redacted]' } },
    destination,
  );
  const at = (name: 'debug' | 'info' | 'warn' | 'error') => (fields: object, event: string) =>
    (isPlain(fields) ? plain : redacting)[name](fields, event);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** Has nothing in it that could have to be cut, which can be seen in less time than it takes to look for what has. */
function isPlain(fields: object): boolean {
  for (const [name, value] of Object.entries(fields)) {
    if (NEVER_LOGGED.has(name) || (typeof value === 'object' && value !== null)) return false;
  }
  return true;
}

const LEVEL_NAMES: Record<number, string> = { 20: 'debug', 30: 'info', 40: 'WARN', 50: 'ERROR' };

function prettyLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as { level: number; time: number; msg: string };
  const rest = Object.entries(fields).map(([name, value]) => `${name}=${readable(value)}`);
  return `${new Date(time).toISOString().slice(11, 23)} ${LEVEL_NAMES[level] ?? level} ${msg} ${rest.join(' ')}\n`;
}

function readable(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'stack' in value) return `\n${String(value.stack)}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
