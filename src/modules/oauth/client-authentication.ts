import type { FastifyRequest } from 'fastify';
import { FIRST_PARTY } from '../auth';
import { type Client, type ClientRegistry, isSecret } from './client-registry';
import { OAuthError } from './oauth-error';

const BASIC = /^Basic +([\w+/=-]+)$/i;

interface Sent {
  readonly id: string;
  readonly secret: string | null;
}

/**
 * The client that sends a request, by its id, and where it has a secret by that: as HTTP Basic credentials or in the
 * form (RFC 6749 §2.3.1). Null for apps that sign in by mutation, which need no id.
 * @throws OAuthError invalid_client, invalid_request when it was said in two ways.
 */
export function readClient(clients: ClientRegistry, form: URLSearchParams, request: FastifyRequest): Client | null {
  const sent = readSent(form, request);
  if (sent === null || (sent.id === FIRST_PARTY && sent.secret === null)) return null;
  const client = clients.find(sent.id);
  const known = client && (client.secretSha256 === null || isSecret(client.secretSha256, sent.secret ?? ''));
  if (!known) throw invalidClient();
  return client;
}

/** A service that has shown its secret. @throws OAuthError invalid_client for everybody else. */
export function requireService(clients: ClientRegistry, form: URLSearchParams, request: FastifyRequest): Client {
  const client = readClient(clients, form, request);
  if (client?.secretSha256 == null) throw invalidClient();
  return client;
}

function readSent(form: URLSearchParams, { headers }: FastifyRequest): Sent | null {
  const id = form.get('client_id') || null;
  const secret = form.get('client_secret') || null;
  // Some apps put their access token on every request; at these endpoints it says nothing.
  if (headers.authorization === undefined || !/^Basic( |$)/i.test(headers.authorization)) {
    if (id === null && secret !== null) throw new OAuthError('invalid_request', 'Send client_id with client_secret.');
    return id === null ? null : { id, secret };
  }
  const basic = readBasic(headers.authorization);
  if (basic === null) throw invalidClient();
  if (secret !== null || (id !== null && id !== basic.id)) {
    throw new OAuthError('invalid_request', 'Authenticate the client in one way only.');
  }
  return basic;
}

/** RFC 6749 §2.3.1: both are form-encoded before they are put into the header. */
function readBasic(header: string): Sent | null {
  const [, encoded] = BASIC.exec(header) ?? [];
  if (encoded === undefined) return null;
  const [, id, secret] = /^([^:]*):(.*)$/s.exec(Buffer.from(encoded, 'base64').toString()) ?? [];
  if (id === undefined || secret === undefined) return null;
  const pair = new URLSearchParams(`id=${id.replaceAll('&', '%26')}&secret=${secret.replaceAll('&', '%26')}`);
  return { id: pair.get('id') ?? '', secret: pair.get('secret') || null };
}

function invalidClient(): OAuthError {
  return new OAuthError('invalid_client', 'There is no client with this id and secret.', 401);
}
