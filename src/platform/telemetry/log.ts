import pino from 'pino';

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
  readonly destination?: { write(line: string): void };
}

/** A second line of defence: no call site logs these, and a slip is cut here. */
const NEVER_LOGGED = [
  'password',
  'token',
  'accessToken',
  'refreshToken',
  'authorization',
  'cookie',
  'email',
  'text',
  'variables',
].flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export function createLog(options: LogOptions): Log {
  const destination = options.destination ?? process.stdout;
  return pino(
    { level: options.level, base: null, redact: { paths: NEVER_LOGGED, censor: '[redacted]' } },
    options.format === 'pretty' ? { write: (line) => destination.write(prettyLine(line)) } : destination,
  );
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
