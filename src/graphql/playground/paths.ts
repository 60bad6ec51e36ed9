import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * The folder with package.json at or above this file, whether this runs from `src` or compiled from `dist`.
 * Throws when there is none.
 */
export function projectRoot(): string {
  let folder = __dirname;
  while (!existsSync(join(folder, 'package.json'))) {
    const parent = dirname(folder);
    if (parent === folder) {
      throw new Error(`No package.json at or above ${__dirname}: the playground cannot find its sources.`);
    }
    folder = parent;
  }
  return folder;
}

/** Where `npm run build` puts the playground's browser bundle, and where a server looks for it. */
export function playgroundAssetsDir(): string {
  return join(projectRoot(), 'dist', 'playground');
}
