import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { z } from 'zod';
import { refuse } from '../../kernel/errors';

/** About ten times what an authenticator without attestation answers. */
const RESPONSE_MAX = 16_384;
const TRANSPORTS_MAX = 10;

const binary = z.string().regex(/^[\w-]+$/);
const credential = { id: binary.max(1_400), rawId: binary, type: z.literal('public-key') };
const transports = z.array(z.string().max(32)).max(TRANSPORTS_MAX);

/** RegistrationResponseJSON and AuthenticationResponseJSON of WebAuthn §5.1; what else is in them is not looked at. */
const REGISTRATION = z.object({
  ...credential,
  response: z.object({ clientDataJSON: binary, attestationObject: binary, transports: transports.optional() }),
});
const AUTHENTICATION = z.object({
  ...credential,
  response: z.object({
    clientDataJSON: binary,
    authenticatorData: binary,
    signature: binary,
    userHandle: z.string().max(128).nullish(),
  }),
});

/** A response with the challenge that it says it answers. */
export interface Answered<Response> {
  readonly response: Response;
  readonly challenge: string;
}

/** @throws UserErrors INVALID */
export function readRegistration(text: string): Answered<RegistrationResponseJSON> {
  return read(text, REGISTRATION) as Answered<RegistrationResponseJSON>;
}

/** @throws UserErrors INVALID */
export function readAuthentication(text: string): Answered<AuthenticationResponseJSON> {
  return read(text, AUTHENTICATION) as Answered<AuthenticationResponseJSON>;
}

function read<Shape extends z.ZodType<{ response: { clientDataJSON: string } }>>(text: string, shape: Shape) {
  const response = text.length <= RESPONSE_MAX ? shape.safeParse(parse(text)).data : undefined;
  const clientData = response && parse(Buffer.from(response.response.clientDataJSON, 'base64url').toString());
  const { challenge } = (clientData ?? {}) as { challenge?: unknown };
  if (!response || typeof challenge !== 'string') {
    return refuse('INVALID', 'Send the JSON that the platform answered, as it is.', ['input', 'response']);
  }
  return { response: { ...response, clientExtensionResults: {} }, challenge };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
