import type { FastifyInstance } from 'fastify';
import type { AndroidApp } from './apps';

/** Apps look at these when they are installed, not at each use. */
const CACHE = 'public, max-age=3600';

/**
 * The files by which a domain says which apps may use its passkeys: Apple's associated domains and Google's Digital
 * Asset Links. Each is served where apps of its kind are configured.
 */
export function registerAppLinks(
  app: FastifyInstance,
  apps: { readonly apple: readonly string[]; readonly android: readonly AndroidApp[] },
): void {
  if (apps.apple.length > 0) {
    serve(app, 'apple-app-site-association', { webcredentials: { apps: apps.apple } });
  }
  if (apps.android.length > 0) serve(app, 'assetlinks.json', assetLinks(apps.android));
}

function serve(app: FastifyInstance, file: string, content: object): void {
  app.get(`/.well-known/${file}`, async (_request, reply) => {
    void reply.header('cache-control', CACHE);
    return content;
  });
}

function assetLinks(apps: readonly AndroidApp[]): object[] {
  return apps.map(({ packageName, fingerprint }) => ({
    relation: ['delegate_permission/common.get_login_creds'],
    target: { namespace: 'android_app', package_name: packageName, sha256_cert_fingerprints: [fingerprint] },
  }));
}
