import path from 'node:path';

/** Where the compiled product and this tool are. */
export const COMPILED = path.join(__dirname, '..', '..');
const ROOT = path.basename(COMPILED) === 'dist' ? path.dirname(COMPILED) : COMPILED;
export const BENCH = path.join(ROOT, 'bench');
/** The data and the logs of the servers, kept between runs; BENCH_CACHE puts them somewhere else. */
export const CACHE = process.env['BENCH_CACHE'] ?? path.join(BENCH, '.cache');
/** The compiled peers stand inside bench/, where their packages are found. */
export const PEERS = path.join(BENCH, '.build', 'peers');
export const PRODUCT = path.join(COMPILED, 'src', 'main.js');
