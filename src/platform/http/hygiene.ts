import fastifyCompress from '@fastify/compress';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

export interface HygieneOptions {
  /** Origins whose pages may read answers; none: browsers keep answers from every other page. */
  readonly corsOrigins: readonly string[];
  readonly compressMinBytes: number;
}

/** OWASP Secure Headers for a service that answers data: no page may frame, sniff, or leak where it came from. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
};
const CORS_MAX_AGE_SECONDS = 600;

/** What every answer carries, whatever route it comes from. Routes that set a header of their own keep it. */
export async function registerHygiene(app: FastifyInstance, options: HygieneOptions): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  if (options.corsOrigins.length > 0) {
    await app.register(fastifyCors, {
      origin: [...options.corsOrigins],
      methods: ['GET', 'POST'],
      credentials: false,
      maxAge: CORS_MAX_AGE_SECONDS,
      exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'ETag', 'WWW-Authenticate', 'Date'],
    });
  }
  await app.register(fastifyCompress, {
    global: true,
    threshold: options.compressMinBytes,
    encodings: ['br', 'gzip'],
    // Quality 4 costs about what gzip costs and packs better; the default of 11 would hold a core for a large answer.
    brotliOptions: { params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
  // Behind the hook that compresses, which that plugin has just put there.
  app.addHook('onRoute', (route) => {
    if ((route.config as Partial<typeof TAGGED> | undefined)?.tagged)
      route.onSend = [route.onSend ?? [], addCodingToTag].flat();
  });
}

/** Stands in the `config` of a route whose strong ETags are of the plain answer. */
export const TAGGED = { tagged: true };

/** What was tagged, without how it was compressed: the tag before `addCodingToTag`. */
export function contentOfTag(tag: string): string {
  return tag.replace(/^W\//, '').replace(/^"|(-(br|gzip))?"$/g, '');
}

const sendings = new WeakMap<FastifyReply, (body: string | Buffer) => void>();

/** On a route that is tagged: calls `look` with the body as it goes out, compressed or not, in one piece. */
export function whenSent(reply: FastifyReply, look: (body: string | Buffer) => void): void {
  sendings.set(reply, look);
}

/** RFC 9110 §8.8.3.3: the same answer compressed otherwise is another representation, with another strong ETag. */
async function addCodingToTag(_request: FastifyRequest, reply: FastifyReply, payload: unknown): Promise<unknown> {
  const coding = reply.getHeader('content-encoding');
  const tag = reply.getHeader('etag');
  if (coding && typeof tag === 'string') void reply.header('etag', tag.replace(/"$/, `-${coding}"`));
  const look = sendings.get(reply);
  if (!look || payload == null) return payload;
  const body = typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : await gather(payload);
  look(body);
  return body;
}

/** Large answers are compressed piece by piece. */
async function gather(stream: unknown): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** zlib.constants.BROTLI_PARAM_QUALITY */
const BROTLI_PARAM_QUALITY = 1;
const BROTLI_QUALITY = 4;
