import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The path of the compiler for this platform; null when its package brings none. */
const COMPILER: string | null = require('relay-compiler');
const COMPILE_TIMEOUT_MS = 20_000;

export interface Compilation {
  readonly accepted: boolean;
  /** What the compiler said; empty when there was nothing to complain about. */
  readonly output: string;
  /** The operations that an app would send, by name. */
  readonly operations: ReadonlyMap<string, string>;
  /** The text of what was generated for each operation and fragment, by name. */
  readonly artifacts: ReadonlyMap<string, string>;
}

/** Compiles an app's sources, by file name, against a schema in SDL, in a folder that is gone afterwards. */
export async function compileRelay(schema: string, sources: Record<string, string>): Promise<Compilation> {
  const folder = await mkdtemp(join(tmpdir(), 'portico-test-relay-'));
  const app = join(folder, 'app');
  const generated = join(folder, 'generated');
  const operations = join(folder, 'operations.json');
  try {
    await mkdir(app);
    await mkdir(generated);
    for (const [name, text] of Object.entries(sources)) await writeFile(join(app, name), text);
    await writeFile(join(folder, 'schema.graphql'), schema);
    await writeFile(operations, '{}');
    const config = {
      src: './app',
      schema: './schema.graphql',
      language: 'typescript',
      artifactDirectory: './generated',
      persistConfig: { file: './operations.json', algorithm: 'SHA256' },
    };
    await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
    const { accepted, output } = await run(folder);
    return {
      accepted,
      output,
      operations: byName(Object.values(JSON.parse(await readFile(operations, 'utf8')))),
      artifacts: await readArtifacts(generated),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(folder: string): Promise<{ accepted: boolean; output: string }> {
  if (COMPILER === null) throw new Error(`relay-compiler has no program for ${process.platform} ${process.arch}`);
  const args = ['--noWatchman', '--output', 'quiet-with-errors'];
  const options = { cwd: folder, timeout: COMPILE_TIMEOUT_MS, killSignal: 'SIGKILL' } as const;
  return new Promise((resolve, reject) => {
    execFile(COMPILER, args, options, (error, stdout, stderr) => {
      // A compiler that did not start, or was stopped, has refused nothing.
      if (error && typeof error.code !== 'number') reject(error);
      else resolve({ accepted: error === null, output: `${stdout}${stderr}`.trim() });
    });
  });
}

const SUFFIX = '.graphql.ts';

async function readArtifacts(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(SUFFIX));
  const texts = files.map(
    async (file) => [file.slice(0, -SUFFIX.length), await readFile(join(folder, file), 'utf8')] as const,
  );
  return new Map(await Promise.all(texts));
}

function byName(operations: string[]): Map<string, string> {
  return new Map(operations.map((text) => [/^\w+ (\w+)/.exec(text)?.[1] ?? text, text]));
}
