/** The packages of the peers, which the product does not depend on: fetched on the first run, and their compiled files. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BENCH } from './places';

export function preparePeers(say: (text: string) => void): void {
  const lock = readFileSync(path.join(BENCH, 'package-lock.json'), 'utf8');
  const marker = path.join(BENCH, 'node_modules', '.installed-lock.json');
  if (!existsSync(marker) || readFileSync(marker, 'utf8') !== lock) {
    say('installing the peers into bench/node_modules');
    // Nothing of them has to be built, and PostGraphile runs on a newer Node than npm knows of here.
    const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel', 'error'];
    execFileSync('npm', args, { cwd: BENCH, stdio: ['ignore', 'ignore', 'inherit'] });
    writeFileSync(marker, lock);
  }
  const root = path.dirname(BENCH);
  const swc = path.join(root, 'node_modules', '.bin', 'swc');
  const args = ['bench/peers', '--out-dir', 'bench/.build', '--strip-leading-paths', '--ignore', '**/*.mjs', '--quiet'];
  execFileSync(swc, args, { cwd: root, stdio: 'inherit' });
}
