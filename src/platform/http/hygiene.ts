import fastifyCompress from '@fastify/compress';
import fastifyCors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';

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
  app.addHook('onRequest', async (_request, reply) => {
    for (const [name, value] of Object.entries(SECURITY_HEADERS)) void reply.header(name, value);
  });
  if (options.corsOrigins.length > 0) {
    await app.register(fastifyCors, {
      origin: [...options.corsOrigins],
      methods: ['GET', 'POST'],
      credentials: false,
      maxAge: CORS_MAX_AGE_SECONDS,
      exposedHeaders: ['RateLimit', 'RateLimit-Policy', 'Retry-After', 'ETag'],
    });
  }
  await app.register(fastifyCompress, {
    global: true,
    threshold: options.compressMinBytes,
    encodings: ['br', 'gzip'],
    // Quality 4 costs about what gzip costs and packs better; the default of 11 would hold a core for a large answer.
    brotliOptions: { params: { [BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } },
  });
}

/** zlib.constants.BROTLI_PARAM_QUALITY */
const BROTLI_PARAM_QUALITY = 1;
const BROTLI_QUALITY = 4;
