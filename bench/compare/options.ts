import { parseArgs } from 'node:util';
import { READS, type Read } from './reads';
import type { Pace } from './rounds';
import type { ServerKind } from './servers';
import { WORLD_POSTS } from './world';

export const HELP = `Measures Portico beside its peers.

  npm run bench -- [what] [options]

  what:
    reads        all servers, three reads: one table and bench/chart.svg (about 10 minutes; the default)
    documents    growth with the document: feeds of 10 to 100 posts
    data         growth with the data: 10,000 to 1,000,000 posts (the largest world takes minutes to make)
    connections  growth with the connections: 1 to 256
    floor        requests that read nothing, beside the reads: what is left for these
    start        from nothing to the first answer
    memory       memory after 100,000 requests
    writes       comments and likes a second
    processes    the same reads through two processes

  --quick              about two minutes, for working: fewer rounds, fewer servers
  --only a,b           only servers whose names begin so, such as limit,portico
  --reads post,feed    only these reads
  --rounds N           how often everything is measured
  --seconds N          how long each measurement takes
  --connections N      connections at once (32)
  --posts N            size of the world (${WORLD_POSTS})
`;

const OPTIONS = {
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  reads: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  connections: { type: 'string', default: '32' },
  posts: { type: 'string', default: String(WORLD_POSTS) },
  help: { type: 'boolean', default: false },
} as const;

export interface Options {
  readonly what: string;
  readonly help: boolean;
  readonly quick: boolean;
  /** Nothing was left out: what comes of it may be published. */
  readonly isWhole: boolean;
  readonly pace: Pace;
  readonly connections: number;
  readonly posts: number;
  readonly reads: readonly Read[];
  readonly isWanted: (kind: ServerKind) => boolean;
  /** Whether the servers were named. */
  readonly isChosen: boolean;
}

/** @throws for an option that there is not. */
export function readOptions(): Options {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const { quick, only, reads, rounds, seconds } = values;
  const beginnings = only?.toLowerCase().split(',');
  return {
    what: positionals[0] ?? 'reads',
    help: values.help,
    quick,
    isWhole: !quick && only === undefined && reads === undefined && Number(values.posts) === WORLD_POSTS,
    pace: {
      rounds: Number(rounds ?? (quick ? 3 : 5)),
      seconds: Number(seconds ?? (quick ? 2 : 3)),
      warmUpSeconds: quick ? 2 : 4,
    },
    connections: Number(values.connections),
    posts: Number(values.posts),
    reads: READS.filter((read) => reads === undefined || reads.split(',').includes(read)),
    isWanted: ({ name, slow }) =>
      beginnings ? beginnings.some((each) => name.toLowerCase().startsWith(each)) : !(quick && slow),
    isChosen: only !== undefined,
  };
}
