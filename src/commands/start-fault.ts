import { ConfigError } from '../config';
import { ManifestError } from '../graphql/pipeline/registered';
import { IssuerConfigError } from '../modules/issuers';
import { ClientsError } from '../modules/oauth';
import { EmbeddedPostgresError } from '../platform/embedded/embedded-postgres';

/** Why the process cannot do what it was started for, in a sentence, and what to do about it. */
export class StartFault extends Error {
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
    this.name = 'StartFault';
  }
}

interface SystemError {
  readonly code?: string;
  readonly message?: string;
  readonly port?: number;
  readonly path?: string;
  readonly syscall?: string;
}

/** The lines to print for an error that a person at a terminal can act on; null when only its stack trace helps. */
export function explainFault(error: unknown): readonly string[] | null {
  if (error instanceof ConfigError)
    return ['The configuration has faults:', ...error.faults.map((fault) => `- ${fault}`)];
  if (error instanceof IssuerConfigError) {
    return ['OIDC_ISSUERS has faults:', ...error.faults.map((fault) => `- OIDC_ISSUERS${fault}`)];
  }
  if (error instanceof StartFault || error instanceof EmbeddedPostgresError) return [error.message, error.remedy];
  if (error instanceof ManifestError) return [error.message, 'Correct the file, or take it out of DOCUMENT_MANIFESTS.'];
  if (error instanceof ClientsError) return ['OAUTH_CLIENTS has faults:', ...error.faults.map((fault) => `- ${fault}`)];
  const { code, port, path } = error as SystemError;
  if (code === 'EADDRINUSE') {
    return [`Port ${port} is taken.`, 'Stop what listens there, or set PORT to another one (0 takes a free one).'];
  }
  if (code === 'EACCES' && port !== undefined) {
    return [`Listening on port ${port} is not allowed.`, 'Set PORT to one above 1023.'];
  }
  if ((code === 'EACCES' || code === 'EPERM' || code === 'EROFS' || code === 'ENOTDIR') && path) {
    return [`${path} cannot be written.`, 'Set DATA_DIR to a folder that this user may write to.'];
  }
  if (code === 'EADDRNOTAVAIL') return ['HOST is not an address of this machine.', 'Set HOST to 127.0.0.1 or 0.0.0.0.'];
  return null;
}

/** What is wrong with a database connection, without the password in its URL; other errors come back unchanged. */
export function databaseFault(error: unknown, databaseUrl: string): unknown {
  const { host, pathname } = new URL(databaseUrl);
  const place = `${host}${pathname}`;
  const remedy = 'Check DATABASE_URL: user, password, host, port and database name.';
  const { code, message = '' } = error as SystemError;
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || /timeout/i.test(message)) {
    return new StartFault(`No PostgreSQL answers at ${place}.`, `Start it, or correct DATABASE_URL.`);
  }
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return new StartFault(`There is no host ${host}.`, remedy);
  if (code === '28P01' || code === '28000' || /password|SASL/i.test(message)) {
    return new StartFault(`PostgreSQL at ${place} refuses this user and password.`, remedy);
  }
  if (code === '3D000')
    return new StartFault(`PostgreSQL at ${host} has no such database.`, `Create it, or correct DATABASE_URL.`);
  if (/SSL/i.test(message)) {
    return new StartFault(`PostgreSQL at ${place} disagrees about TLS.`, 'Add or remove sslmode in DATABASE_URL.');
  }
  return error;
}
