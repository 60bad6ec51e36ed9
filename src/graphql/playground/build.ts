import { createHash } from 'node:crypto';
import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { embeddedFontsAsFiles } from './embedded-fonts';
import { playgroundAssetsDir, projectRoot } from './paths';

const STAMP_FILE = '.stamp';

/** What ends up in the bundle or decides how it comes out; a new version of one of them means a new bundle. */
const BUNDLED_PACKAGES = [
  '@graphiql/plugin-doc-explorer',
  '@graphiql/plugin-explorer',
  '@graphiql/plugin-history',
  '@graphiql/react',
  'esbuild',
  'graphiql',
  'graphql',
  'graphql-ws',
  'monaco-editor',
  'monaco-graphql',
  'react',
  'react-dom',
];

/** Monaco's language services. They run in workers, which a strict CSP allows only as files of their own. */
const WORKERS = {
  editor: 'monaco-editor/esm/vs/editor/editor.worker.js',
  graphql: 'monaco-graphql/esm/graphql.worker.js',
  json: 'monaco-editor/esm/vs/language/json/json.worker.js',
};

/**
 * GraphiQL formats with these CommonJS names of Prettier's plugins. esbuild's code splitting loses the named exports of
 * a CommonJS module that is imported dynamically, so they lead to the same plugins as ES modules.
 */
const PRETTIER_MODULES = {
  'prettier/parser-babel': 'prettier/plugins/babel',
  'prettier/parser-graphql': 'prettier/plugins/graphql',
};

const COMPRESSIBLE = new Set(['.css', '.html', '.js', '.svg', '.txt']);

export interface BuildPlaygroundOptions {
  /** Replaced as a whole, so it must belong to the playground alone. */
  outDir: string;
  /** Builds even when the bundle in `outDir` is up to date. */
  force?: boolean;
}

/**
 * Bundles the playground for browsers into `outDir`: index.html, and under `assets/` files whose names change with
 * their content, each with a `.gz` beside it. Skipped when `outDir` already holds the result of the same sources and
 * package versions. The new bundle replaces the old one in one step, so a server never sees half of it.
 *
 * Throws esbuild's BuildFailure for a fault in the app's sources, and ENOENT without the development dependencies.
 */
export async function buildPlayground(options: BuildPlaygroundOptions): Promise<{ built: boolean; ms: number }> {
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  const root = projectRoot();
  const appDir = join(root, 'src', 'graphql', 'playground', 'app');
  const stamp = await fingerprint(root, appDir);
  if (!options.force && (await readStamp(options.outDir)) === stamp) {
    return { built: false, ms: elapsed() };
  }

  const draftDir = `${options.outDir}.${process.pid}.draft`;
  await rm(draftDir, { recursive: true, force: true });
  try {
    await Promise.all([bundleApp(root, appDir, draftDir, stamp), bundleWorkers(root, draftDir, stamp)]);
    await writeIndex(appDir, draftDir, stamp);
    await compress(draftDir);
    await writeFile(join(draftDir, STAMP_FILE), stamp);
    await rm(options.outDir, { recursive: true, force: true });
    await rename(draftDir, options.outDir);
  } finally {
    await rm(draftDir, { recursive: true, force: true });
  }
  return { built: true, ms: elapsed() };
}

/** A short hash of everything the bundle is made of. It also is the version in the names of the entry files. */
async function fingerprint(root: string, appDir: string): Promise<string> {
  const hash = createHash('sha256');
  // The builder's own modules are inputs too; read from src even when this runs compiled.
  const builderDir = join(root, 'src', 'graphql', 'playground');
  const sources = [
    ...(await filesIn(appDir)),
    ...['build.ts', 'config.ts', 'embedded-fonts.ts'].map((name) => join(builderDir, name)),
  ];
  for (const source of sources) {
    hash.update(`${relative(root, source)}\0`).update(await readFile(source));
  }
  for (const name of BUNDLED_PACKAGES) {
    const manifest = JSON.parse(await readFile(join(root, 'node_modules', name, 'package.json'), 'utf8'));
    hash.update(`${name}@${manifest.version}\0`);
  }
  return hash.digest('hex').slice(0, 10);
}

async function readStamp(outDir: string): Promise<string | null> {
  try {
    return await readFile(join(outDir, STAMP_FILE), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return null;
    }
    throw error;
  }
}

function sharedOptions(root: string, outDir: string): BuildOptions {
  return {
    absWorkingDir: root,
    outdir: join(outDir, 'assets'),
    bundle: true,
    minify: true,
    platform: 'browser',
    target: 'es2022',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'linked',
    logLevel: 'error',
  };
}

async function bundleApp(root: string, appDir: string, outDir: string, stamp: string): Promise<void> {
  const shared = sharedOptions(root, outDir);
  const workerFiles = Object.fromEntries(Object.keys(WORKERS).map((name) => [name, workerFile(name, stamp)]));
  await build({
    ...shared,
    entryPoints: { [`main-${stamp}`]: join(appDir, 'main.tsx') },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    loader: { '.ttf': 'file' },
    alias: PRETTIER_MODULES,
    plugins: [embeddedFontsAsFiles],
    define: { ...shared.define, WORKER_FILES: JSON.stringify(workerFiles) },
  });
}

async function bundleWorkers(root: string, outDir: string, stamp: string): Promise<void> {
  const entryPoints = Object.entries(WORKERS).map(([name, path]) => [workerFile(name, stamp).slice(0, -3), path]);
  await build({ ...sharedOptions(root, outDir), entryPoints: Object.fromEntries(entryPoints), format: 'iife' });
}

function workerFile(name: string, stamp: string): string {
  return `${name}.worker-${stamp}.js`;
}

/** `{{path}}` stays in the page: the server fills in where it is mounted. */
async function writeIndex(appDir: string, outDir: string, stamp: string): Promise<void> {
  const icon = `favicon-${stamp}.svg`;
  await writeFile(join(outDir, 'assets', icon), await readFile(join(appDir, 'favicon.svg')));
  const template = await readFile(join(appDir, 'index.html'), 'utf8');
  const page = template
    .replaceAll('{{script}}', `{{path}}/assets/main-${stamp}.js`)
    .replaceAll('{{style}}', `{{path}}/assets/main-${stamp}.css`)
    .replaceAll('{{icon}}', `{{path}}/assets/${icon}`);
  await writeFile(join(outDir, 'index.html'), page);
}

async function compress(outDir: string): Promise<void> {
  const assetsDir = join(outDir, 'assets');
  const files = (await filesIn(assetsDir)).filter((file) => COMPRESSIBLE.has(extname(file)));
  await Promise.all(
    files.map(async (file) => writeFile(`${file}.gz`, await promisify(gzip)(await readFile(file), { level: 9 }))),
  );
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

async function main(): Promise<void> {
  const outDir = playgroundAssetsDir();
  const { built, ms } = await buildPlayground({ outDir, force: process.argv.includes('--force') });
  const shown = relative(process.cwd(), outDir);
  console.log(built ? `Playground built into ${shown} in ${ms} ms.` : `Playground in ${shown} is up to date.`);
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
