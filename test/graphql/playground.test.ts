import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fastify, { type FastifyInstance } from 'fastify';
import { buildPlayground } from '../../src/graphql/playground/build';
import { type PlaygroundConfig, registerPlayground } from '../../src/graphql/playground/routes';

const CONFIG: PlaygroundConfig = {
  endpoint: '/graphql',
  subscriptionUrl: '/graphql',
  samplePostId: 'post_01h455vb4pex5vsknk084sn02q',
  demoAccounts: [{ handle: 'ada', name: 'Ada Lovelace', note: 'a full feed' }],
  demoPassword: 'demo-password',
};

describe('the playground', () => {
  const folder = mkdtempSync(join(tmpdir(), 'playground-'));
  const assetsDir = join(folder, 'assets-dir');
  const apps: FastifyInstance[] = [];
  let origin: string;

  async function serve(options: Partial<Parameters<typeof registerPlayground>[1]> = {}): Promise<string> {
    // Most tests leave bodies unread, and close would wait for them.
    const app = fastify({ forceCloseConnections: true });
    registerPlayground(app, { assetsDir, config: async () => CONFIG, ...options });
    apps.push(app);
    return app.listen({ host: '127.0.0.1', port: 0 });
  }

  async function loadText(path: string): Promise<string> {
    const response = await fetch(origin + path);
    expect({ path, status: response.status }).toEqual({ path, status: 200 });
    return response.text();
  }

  beforeAll(async () => {
    await buildPlayground({ outDir: assetsDir });
    origin = await serve();
  }, 60_000);

  afterAll(async () => {
    await Promise.all(apps.map((app) => app.close()));
    rmSync(folder, { recursive: true, force: true });
  });

  describe('build', () => {
    it('is skipped when its result is up to date', async () => {
      expect(await buildPlayground({ outDir: assetsDir })).toMatchObject({ built: false });
    });

    it('replaces what an older build left, in one step', async () => {
      const outDir = join(folder, 'rebuilt');
      await buildPlayground({ outDir });
      rmSync(join(outDir, '.stamp'));
      rmSync(join(outDir, 'index.html'));
      expect(await buildPlayground({ outDir })).toMatchObject({ built: true });
      expect(existsSync(join(outDir, 'index.html'))).toBe(true);
      expect(readdirSync(folder).filter((name) => name.endsWith('.draft'))).toEqual([]);
    }, 60_000);

    it('puts every worker of the editor into a file of its own', () => {
      const names = readdirSync(join(assetsDir, 'assets'));
      for (const worker of ['editor', 'graphql', 'json']) {
        expect(names).toContainEqual(expect.stringMatching(new RegExp(`^${worker}\\.worker-[0-9a-f]+\\.js$`)));
      }
    });
  });

  describe('page', () => {
    it('is HTML under a policy that lets it talk to this origin only', async () => {
      const { status, headers } = await fetch(`${origin}/playground`);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      const directives = new Map(
        (headers.get('content-security-policy') ?? '').split('; ').map((directive) => {
          const [name, ...sources] = directive.split(' ');
          return [name, sources.join(' ')];
        }),
      );
      expect(Object.fromEntries(directives)).toEqual({
        'default-src': "'none'",
        'script-src': "'self'",
        'style-src': "'self' 'unsafe-inline'",
        'font-src': "'self'",
        'img-src': "'self' data:",
        'worker-src': "'self'",
        'connect-src': "'self'",
        'frame-ancestors': "'none'",
        'base-uri': "'none'",
        'form-action': "'none'",
      });
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
      expect(headers.get('cache-control')).toBe('no-cache');
    });

    it('has the same content with a slash at the end', async () => {
      expect(await loadText('/playground/')).toBe(await loadText('/playground'));
    });

    it('answers 304 to a browser that has it already', async () => {
      const etag = (await fetch(`${origin}/playground`)).headers.get('etag') ?? '';
      const again = await fetch(`${origin}/playground`, { headers: { 'if-none-match': `"other", W/${etag}` } });
      expect(again.status).toBe(304);
      expect(again.headers.get('content-security-policy')).toContain("default-src 'none'");
    });

    it('and all that it loads come from this origin', async () => {
      const page = await loadText('/playground');
      const linked = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1] ?? '');
      expect(linked).toHaveLength(3);
      for (const url of linked) {
        expect(url).toMatch(/^\/playground\/assets\/[\w.-]+$/);
        await loadText(url);
      }
      // No inline script or style, which the policy would refuse.
      expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=/);

      const sheets = readdirSync(join(assetsDir, 'assets')).filter((name) => name.endsWith('.css'));
      for (const sheet of sheets) {
        const css = await loadText(`/playground/assets/${sheet}`);
        expect(css).not.toMatch(/@import/);
        for (const [, url = ''] of css.matchAll(/url\(["']?([^"')]+)/g)) {
          expect(url).toMatch(/^data:image\/|^\.\/[\w.-]+$/);
          if (url.startsWith('./')) {
            await loadText(`/playground/assets/${url.slice(2)}`);
          }
        }
      }

      const scripts = readdirSync(join(assetsDir, 'assets')).filter((name) => name.endsWith('.js'));
      for (const script of scripts) {
        const code = readFileSync(join(assetsDir, 'assets', script), 'utf8');
        for (const [, url = ''] of code.matchAll(
          /\b(?:import|from|importScripts)\s*\(?\s*"([^"]*:\/\/[^"]*|\.\/[^"]*)"/g,
        )) {
          expect(url).toMatch(/^\.\/[\w.-]+$/);
        }
      }
    });

    it('is found where the server mounts it', async () => {
      const mounted = await serve({ path: '/tools/graphql' });
      const page = await (await fetch(`${mounted}/tools/graphql`)).text();
      const script = /src="(\/tools\/graphql\/assets\/[^"]+)"/.exec(page)?.[1];
      expect((await fetch(mounted + script)).status).toBe(200);
    });
  });

  describe('assets', () => {
    it.each([
      ['.js', 'text/javascript; charset=utf-8'],
      ['.css', 'text/css; charset=utf-8'],
      ['.ttf', 'font/ttf'],
      ['.woff2', 'font/woff2'],
      ['.svg', 'image/svg+xml'],
    ])('%s files have their type and are kept for good', async (extension, type) => {
      const name = readdirSync(join(assetsDir, 'assets')).find((file) => file.endsWith(extension));
      const { headers } = await fetch(`${origin}/playground/assets/${name}`);
      expect(headers.get('content-type')).toBe(type);
      expect(headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    });

    it('are compressed for those who accept it, with a validator of their own', async () => {
      const name = readdirSync(join(assetsDir, 'assets')).find((file) => file.endsWith('.js'));
      const [plain, gzipped, refused] = await Promise.all(
        ['identity', 'br, gzip', 'gzip;q=0'].map((encoding) =>
          fetch(`${origin}/playground/assets/${name}`, { headers: { 'accept-encoding': encoding } }),
        ),
      );
      expect(gzipped?.headers.get('content-encoding')).toBe('gzip');
      expect(plain?.headers.get('content-encoding')).toBeNull();
      expect(refused?.headers.get('content-encoding')).toBeNull();
      expect(plain?.headers.get('vary')).toBe('accept-encoding');
      expect(gzipped?.headers.get('etag')).not.toBe(plain?.headers.get('etag'));
      expect(await gzipped?.text()).toBe(await plain?.text());
    });

    it.each([
      '/playground/assets/../../../package.json',
      '/playground/../package.json',
      '/playground/assets/..%2f..%2f..%2fpackage.json',
      '/playground/%2e%2e/%2e%2e/etc/passwd',
      '/playground//etc/passwd',
      '/playground/.stamp',
      '/playground/assets/',
      '/playground/__proto__',
    ])('leave no way to another file: %s', async (path) => {
      // fetch would resolve the dots before it sends them.
      expect(await rawStatus(new URL(origin), path)).toBe(404);
    });
  });

  describe('config.json', () => {
    it('is what the server says now, and is kept nowhere', async () => {
      let samplePostId: string | null = null;
      const server = await serve({ config: async () => ({ ...CONFIG, samplePostId }) });
      const first = await fetch(`${server}/playground/config.json`);
      expect(first.headers.get('cache-control')).toBe('no-store');
      expect(first.headers.get('x-content-type-options')).toBe('nosniff');
      expect(await first.json()).toEqual({ ...CONFIG, samplePostId: null });
      samplePostId = 'post_02';
      expect(await (await fetch(`${server}/playground/config.json`)).json()).toEqual({ ...CONFIG, samplePostId });
    });
  });

  it('says how to build it when it has not been built, and is there once it has', async () => {
    const outDir = join(folder, 'later');
    const server = await serve({ assetsDir: outDir });
    for (const path of ['/playground', '/playground/assets/main.js']) {
      const response = await fetch(server + path);
      expect(response.status).toBe(503);
      expect(response.headers.get('content-type')).toBe('text/plain; charset=utf-8');
      expect(await response.text()).toContain('npm run build');
    }
    await buildPlayground({ outDir });
    expect((await fetch(`${server}/playground`)).status).toBe(200);
  }, 60_000);
});

/** The status of a GET whose path is sent as it is. */
function rawStatus({ hostname, port }: URL, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => {
      socket.write(`GET ${path} HTTP/1.1\r\nhost: ${hostname}\r\nconnection: close\r\n\r\n`);
    });
    let answer = '';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('end', () => resolve(Number(answer.split(' ')[1])));
    socket.on('error', reject);
  });
}
