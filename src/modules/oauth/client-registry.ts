import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { FIRST_PARTY } from '../auth';
import { faultOfRedirectUri } from './redirect-uri';

/** An app or a service that may use the authorization server (RFC 6749 §2). */
export interface Client {
  readonly id: string;
  /** What people read on the sign-in page. */
  readonly name: string;
  readonly redirectUris: readonly string[];
  /** SHA-256 of its secret, hex; null for apps on phones, which cannot keep one (RFC 8252 §8.5). */
  readonly secretSha256: string | null;
}

/** The client of a development without configured ones. */
export const DEMO_CLIENT: Client = {
  id: 'demo',
  name: 'Portico demo',
  redirectUris: ['http://127.0.0.1/callback', 'com.example.portico:/callback'],
  secretSha256: null,
};

/** Clients that cannot be used: every fault at once, each with its remedy. */
export class ClientsError extends Error {
  constructor(readonly faults: readonly string[]) {
    super(faults.join('\n'));
    this.name = 'ClientsError';
  }
}

const NAME_MAX = 60;
const ID = /^[\w.-]{1,64}$/;
const SHA256 = /^[0-9a-f]{64}$/;
const CLIENTS = z.array(
  z.strictObject({
    id: z.string().regex(ID, 'must be 1 to 64 letters, digits, dots, hyphens and underscores'),
    name: z
      .string()
      .trim()
      .min(1, 'must say what people call the app')
      .max(NAME_MAX, `has at most ${NAME_MAX} characters`),
    redirectUris: z.array(z.string()).default([]),
    secretSha256: z
      .string()
      .regex(SHA256, 'must be the SHA-256 of the secret, 64 hexadecimal digits')
      .nullable()
      .default(null),
  }),
);

/** The clients by their ids. */
export class ClientRegistry {
  private readonly byId: ReadonlyMap<string, Client>;

  constructor(clients: readonly Client[]) {
    this.byId = new Map(clients.map((client) => [client.id, client]));
  }

  find(id: string): Client | null {
    return this.byId.get(id) ?? null;
  }
}

/** Compares in a time that says nothing of the secret. */
export function isSecret(secretSha256: string, sent: string): boolean {
  return timingSafeEqual(createHash('sha256').update(sent).digest(), Buffer.from(secretSha256, 'hex'));
}

/**
 * Reads clients from JSON, `[{ "id", "name", "redirectUris": [], "secretSha256" }]`, or from the file of that path.
 * @throws ClientsError
 */
export function loadClients(setting: string): Client[] {
  const parsed = CLIENTS.safeParse(readJson(setting));
  if (!parsed.success) {
    throw new ClientsError(parsed.error.issues.map(({ path, message }) => `${placeOf(path)} ${message}.`));
  }
  const faults = parsed.data.flatMap((client, index, all) => faultsOf(client, all.slice(0, index)));
  if (faults.length > 0) throw new ClientsError(faults);
  return parsed.data;
}

function faultsOf(client: Client, before: readonly Client[]): string[] {
  const { id, redirectUris, secretSha256 } = client;
  const faults = redirectUris.flatMap((uri) => {
    const fault = faultOfRedirectUri(uri);
    return fault ? [`The redirect URI ${uri} of ${id} ${fault}.`] : [];
  });
  if (id === FIRST_PARTY) faults.push(`The id ${id} is that of apps that sign in by mutation: take another one.`);
  if (before.some((other) => other.id === id)) faults.push(`The id ${id} is there twice: give each client its own.`);
  if (redirectUris.length === 0 && secretSha256 === null) {
    faults.push(`${id} can do nothing: give an app its redirectUris, a service its secretSha256.`);
  }
  return faults;
}

function placeOf(path: readonly PropertyKey[]): string {
  const [index, ...fields] = path;
  return index === undefined
    ? 'The list of clients'
    : `Client ${Number(index) + 1}${fields.map((each) => `, ${String(each)}`).join('')}:`;
}

function readJson(setting: string): unknown {
  const inline = /^\s*[[{]/.test(setting);
  try {
    return JSON.parse(inline ? setting : readFileSync(setting, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError) throw new ClientsError(['It is no JSON: correct it, quotes and commas first.']);
    throw new ClientsError(['The file of this path cannot be read: correct the path, or write the JSON itself.']);
  }
}
