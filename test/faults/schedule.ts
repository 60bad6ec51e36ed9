import { Dice } from '../fuzz/random';
import type { Ms } from './ledger';

export const PROCESSES = 3;

/** What a proxy stands between: clients or a store on one side, one Portico process on the other. */
export const LINK_ENDS = ['clients', 'postgres', 'redis'] as const;
export type LinkEnd = (typeof LINK_ENDS)[number];

export type FaultKind =
  /** kill -9, and a start on the same port. */
  | 'kill-process'
  /** SIGTERM, and a start, as in a rolling release. */
  | 'stop-process'
  | 'kill-postgres'
  /** kill -9 of one session, upon which PostgreSQL ends all of them and recovers. */
  | 'crash-session'
  | 'kill-redis'
  /** Redis away for long. */
  | 'redis-away'
  /** Every connection of a link is reset. */
  | 'cut'
  /** Nothing passes in either direction and nobody is told: connections are half-open until somebody notices. */
  | 'blackhole'
  /** Some clients of a link stop reading. */
  | 'stall'
  /** Everything on a link takes longer. */
  | 'slow'
  /** Some clients go without a word, and come back where they were. */
  | 'leave';

export interface PlannedFault {
  readonly kind: FaultKind;
  readonly at: Ms;
  readonly durationMs: Ms;
  /** The process, or the process at one end of the link. */
  readonly process: number;
  readonly link: LinkEnd;
}

export interface PlanOptions {
  /** Time in which faults begin and end. */
  readonly durationMs: Ms;
  /** How long Redis is away. */
  readonly awayMs: Ms;
}

/** In milliseconds, from the shortest to the longest. */
const DURATIONS: Record<Exclude<FaultKind, 'redis-away'>, readonly [number, number]> = {
  'kill-process': [200, 1_500],
  'stop-process': [200, 800],
  'kill-postgres': [200, 1_500],
  'crash-session': [0, 0],
  'kill-redis': [200, 3_000],
  cut: [0, 0],
  blackhole: [1_500, 6_000],
  stall: [2_000, 6_000],
  slow: [2_000, 5_000],
  leave: [500, 4_000],
};

/** One round: each kind at least once, those that cost a phone most most often. */
const ROUND: readonly (readonly [FaultKind, LinkEnd])[] = [
  ['kill-process', 'clients'],
  ['kill-postgres', 'postgres'],
  ['crash-session', 'postgres'],
  ['kill-redis', 'redis'],
  ['stop-process', 'clients'],
  ['cut', 'clients'],
  ['cut', 'clients'],
  ['cut', 'postgres'],
  ['cut', 'redis'],
  ['blackhole', 'clients'],
  ['blackhole', 'postgres'],
  ['blackhole', 'redis'],
  ['stall', 'clients'],
  ['stall', 'clients'],
  ['slow', 'clients'],
  ['slow', 'postgres'],
  ['leave', 'clients'],
];

const ROUND_MS = 30_000;
const QUIET_START_MS = 1_000;
/** A process that comes back needs this long until it serves. */
const START_MS = 4_000;
/** What must not happen while a process starts: it ends at once without its database, as it should. */
const DATABASE_FAULTS: readonly FaultKind[] = ['kill-postgres', 'crash-session'];
const PROCESS_FAULTS: readonly FaultKind[] = ['kill-process', 'stop-process'];

/**
 * The faults of a run, in order, the same for the same seed. Ends with Redis away for `awayMs` with nothing else going
 * wrong but clients that leave and come back, so that what this alone costs can be measured.
 */
export function planFaults(seed: number, { durationMs, awayMs }: PlanOptions): PlannedFault[] {
  const dice = new Dice(seed);
  const plan: PlannedFault[] = [];
  const storm = durationMs - awayMs;
  const rounds = Math.max(1, Math.round(storm / ROUND_MS));
  for (let round = 0; round < rounds; round += 1) {
    const begins = QUIET_START_MS + (round * (storm - QUIET_START_MS)) / rounds;
    const length = (storm - QUIET_START_MS) / rounds;
    const order = shuffled(ROUND, dice);
    order.forEach(([kind, link], place) => {
      const at = begins + ((place + dice.between(0, 80) / 100) * length) / order.length;
      plan.push({ kind, link, at: Math.round(at), durationMs: durationOf(kind, dice), process: dice.between(0, 2) });
    });
  }
  const calm = keepApart(
    plan.sort((a, b) => a.at - b.at),
    storm,
  );
  const away = { kind: 'redis-away', link: 'redis', at: storm, durationMs: awayMs, process: 0 } as const;
  const comings = Array.from({ length: Math.ceil(awayMs / 4_000) }, (_, which) => ({
    kind: 'leave' as const,
    link: 'clients' as const,
    at: storm + which * 4_000 + dice.between(500, 3_000),
    durationMs: durationOf('leave', dice),
    process: dice.between(0, PROCESSES - 1),
  }));
  return [...calm, away, ...comings].sort((a, b) => a.at - b.at);
}

function durationOf(kind: FaultKind, dice: Dice): Ms {
  if (kind === 'redis-away') throw new Error('its length is given');
  return dice.between(...DURATIONS[kind]);
}

function shuffled<Item>(items: readonly Item[], dice: Dice): Item[] {
  const keys = new Map(items.map((item, place) => [place, { item, key: dice.between(0, 1_000_000) }]));
  return [...keys.values()].sort((a, b) => a.key - b.key).map(({ item }) => item);
}

/** Moves faults of processes and of the database away from each other, so that a process has what it needs to start. */
function keepApart(plan: readonly PlannedFault[], end: Ms): PlannedFault[] {
  const heavy = plan.filter(({ kind }) => PROCESS_FAULTS.includes(kind) || DATABASE_FAULTS.includes(kind));
  const rest = plan.filter((fault) => !heavy.includes(fault));
  // Even spacing of the heavy ones gives each its time whatever the dice said.
  const spacing = Math.max(START_MS + 1_500, (end - QUIET_START_MS) / Math.max(1, heavy.length));
  const spaced = heavy.map((fault, place) => ({ ...fault, at: Math.round(QUIET_START_MS + place * spacing) }));
  return [...rest, ...spaced].sort((a, b) => a.at - b.at);
}
