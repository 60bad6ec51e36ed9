import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PlaygroundConfig } from './config';

export type { DemoAccount, PlaygroundConfig } from './config';

const MISSING_BUILD = 'The playground has not been built. Run `npm run build` and load this page again.\n';

const CONTENT_TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.ttf': 'font/ttf',
  '.txt': 'text/plain; charset=utf-8',
  '.woff': 'font/woff',
  '.woff2': 'font/woff2',
};

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  // Monaco positions every line it draws by a style attribute and writes its theme into a style element.
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self'",
  "img-src 'self' data:",
  "worker-src 'self'",
  // Covers ws: and wss: of the same host as well (CSP Level 3).
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
};

// Names under assets/ change with their content; the page and the configuration name them and must be asked for again.
const CACHE_FOREVER = 'public, max-age=31536000, immutable';
const CACHE_REVALIDATE = 'no-cache';

interface Asset {
  body: Buffer;
  gzipped: Buffer | null;
  contentType: string;
  cacheControl: string;
  etag: string;
}

export interface PlaygroundOptions {
  /** The `outDir` of `buildPlayground`. */
  assetsDir: string;
  /** Asked for anew on every load of the page; what it throws goes to the app's error handler. */
  config: () => Promise<PlaygroundConfig>;
  /** Where the page is mounted, without a slash at the end. Default `/playground`. */
  path?: string;
}

/**
 * Serves the page at `path`, its files under `path/assets/` and `path/config.json`, all under a strict CSP.
 *
 * The files are read into memory once and a request can only name one of them, so no URL reaches the disk. Without a
 * build every URL answers 503 with the remedy; a build that appears later is picked up by the next request.
 */
export function registerPlayground(app: FastifyInstance, options: PlaygroundOptions): void {
  const path = options.path ?? '/playground';
  let loaded = loadAssets(options.assetsDir, path);

  function serve(name: string, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    reply.headers(SECURITY_HEADERS);
    loaded ??= loadAssets(options.assetsDir, path);
    if (!loaded) {
      return sendText(reply, 503, MISSING_BUILD);
    }
    const asset = loaded.get(name);
    return asset ? sendAsset(asset, request, reply) : sendText(reply, 404, 'Not found.\n');
  }

  app.get(path, (request, reply) => serve('index.html', request, reply));
  app.get(`${path}/config.json`, async (_request, reply) => {
    const config = await options.config();
    return reply.headers(SECURITY_HEADERS).header('cache-control', 'no-store').send(config);
  });
  app.get<{ Params: { '*': string } }>(`${path}/*`, (request, reply) =>
    serve(request.params['*'] || 'index.html', request, reply),
  );
}

/** All files of a build by their path below it, or null when there is none. */
function loadAssets(assetsDir: string, path: string): Map<string, Asset> | null {
  const indexFile = join(assetsDir, 'index.html');
  if (!existsSync(indexFile)) {
    return null;
  }
  const assets = new Map<string, Asset>();
  const page = readFileSync(indexFile, 'utf8').replaceAll('{{path}}', path);
  assets.set('index.html', describeAsset('index.html', Buffer.from(page), null, CACHE_REVALIDATE));

  const hashedDir = join(assetsDir, 'assets');
  const names = new Set(readdirSync(hashedDir));
  for (const name of names) {
    if (extname(name) in CONTENT_TYPES) {
      const gzipped = names.has(`${name}.gz`) ? readFileSync(join(hashedDir, `${name}.gz`)) : null;
      const body = readFileSync(join(hashedDir, name));
      assets.set(`assets/${name}`, describeAsset(name, body, gzipped, CACHE_FOREVER));
    }
  }
  return assets;
}

function describeAsset(name: string, body: Buffer, gzipped: Buffer | null, cacheControl: string): Asset {
  const contentType = CONTENT_TYPES[extname(name)] ?? 'application/octet-stream';
  const etag = createHash('sha256').update(body).digest('base64url').slice(0, 22);
  return { body, gzipped, contentType, cacheControl, etag };
}

function sendAsset(asset: Asset, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const gzipped = acceptsGzip(request) ? asset.gzipped : null;
  // The two encodings are two representations and need two strong validators (RFC 9110, 8.8.3.3).
  const etag = gzipped ? `"${asset.etag}-gzip"` : `"${asset.etag}"`;
  reply.header('cache-control', asset.cacheControl).header('etag', etag);
  if (asset.gzipped) {
    reply.header('vary', 'accept-encoding');
  }
  if (matchesEtag(request, etag)) {
    return reply.code(304).send();
  }
  if (gzipped) {
    reply.header('content-encoding', 'gzip');
  }
  return reply.type(asset.contentType).send(gzipped ?? asset.body);
}

function sendText(reply: FastifyReply, status: number, text: string): FastifyReply {
  return reply.code(status).header('cache-control', 'no-store').type('text/plain; charset=utf-8').send(text);
}

function acceptsGzip(request: FastifyRequest): boolean {
  const codings = String(request.headers['accept-encoding'] ?? '').split(',');
  return codings.some((coding) => {
    const [name, quality = ''] = coding.split(';').map((part) => part.trim());
    return name === 'gzip' && !/^q=0(\.0*)?$/.test(quality);
  });
}

/** Compared weakly, because a proxy that compresses marks our validators as weak (RFC 9110, 13.1.2). */
function matchesEtag(request: FastifyRequest, etag: string): boolean {
  const candidates = String(request.headers['if-none-match'] ?? '').split(',');
  return candidates.some((candidate) => candidate.trim().replace(/^W\//, '') === etag);
}
