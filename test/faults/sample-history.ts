import { Dice } from '../fuzz/random';
import type { ListRecord, ListTruth } from './history';
import { type CopyHistory, type CopyNode, type CopyRecord, copyOf, type ListHistory, type ListItem } from './history';
import type { Ledger, Standing, Write } from './ledger';

/** A history without a fault, with everything that a checker wants to know besides. */
export interface ListSample {
  readonly history: ListHistory;
  readonly truth: ListTruth;
  readonly ledger: Ledger;
}

export interface CopySample {
  readonly history: CopyHistory;
  readonly truth: ReadonlyMap<string, CopyNode>;
  readonly log: readonly string[];
  readonly ledger: Ledger;
}

export const LIST = 'conversation';
export const READER = 'reader';
export const AUTHOR = 'author';
/** Whom the reader has blocked all the time. */
export const STRANGER = 'stranger';
const ITEMS = 30;
const STEP_MS = 10;
/** A delivery is later than its write by this much at least. */
const DELAY_MS = 5;

export const BLOCK: Standing = { viewer: READER, other: STRANGER, change: 'block', sent: -20, answered: -10 };

export function written(node: string, sent: number, fields: Partial<Write> = {}): Write {
  const write = { verb: 'create', node, author: AUTHOR, list: LIST, text: `text of ${node}`, sent } as const;
  return { ...write, answered: sent + DELAY_MS, refused: null, ...fields };
}

/** Some thirty messages, over several connections; some are deleted later and then have come or not. */
export function sampleList(seed: number): ListSample {
  const dice = new Dice(seed);
  const writes: Write[] = [];
  const records: ListRecord[] = [];
  const edges: { id: string; cursor: string; seq: number | null }[] = [];
  let after: string | null = null;
  records.push({ kind: 'opened', at: 0, after });
  for (let seq = 1; seq <= ITEMS; seq += 1) {
    const id = `message_${seq}`;
    const cursor = `cursor ${seq}`;
    const sent = seq * STEP_MS;
    const write = written(id, sent);
    writes.push(write);
    const deleted = dice.chance(0.1);
    if (deleted) writes.push({ ...write, verb: 'delete', text: null, sent: sent + 2_000 });
    else edges.push({ id, cursor, seq });
    if (deleted && dice.chance(0.5)) continue;
    const at = sent + DELAY_MS;
    const item: ListItem = { kind: 'item', at, cursor, id, text: write.text ?? '', seq };
    records.push(item);
    after = cursor;
    if (dice.chance(0.15)) {
      records.push({ kind: 'closed', at, why: '1006' }, { kind: 'opened', at: at + 1, after });
    }
  }
  const history = { client: 'client', reader: READER, list: LIST, start: null, left: false, records };
  return { history, truth: { list: LIST, before: 0, edges }, ledger: { writes, standings: [BLOCK] } };
}

/** A copy that begins with a load and goes on by stream and sync: nodes come, change and go, and a reset comes between. */
export function sampleCopy(seed: number): CopySample {
  const dice = new Dice(seed);
  const writes: Write[] = [];
  const standings = [BLOCK];
  const log: string[] = [];
  const current = new Map<string, CopyNode>();
  const records: CopyRecord[] = [{ kind: 'loaded', at: 0, nodes: [] }];
  const open = (at: number, recovered: boolean) => {
    const cursor = log.at(-1) ?? 'cursor 0';
    records.push({ kind: 'opened', at, by: 'stream', after: cursor }, { kind: 'ready', at, cursor, recovered });
  };
  open(1, true);
  for (let step = 1; step <= ITEMS; step += 1) {
    const sent = step * STEP_MS;
    const at = sent + DELAY_MS;
    const cursor = `cursor ${step}`;
    log.push(cursor);
    const ids = [...current.keys()];
    const id = ids.length > 0 && dice.chance(0.5) ? dice.of(ids) : `post_${step}`;
    const held = current.get(id);
    if (held && dice.chance(0.4)) {
      writes.push(written(id, sent, { verb: 'delete', text: null, list: null }));
      current.delete(id);
      records.push({ kind: 'removed', at, cursor, scope: 'FEED', id });
    } else {
      const text = `text ${step}`;
      const version = (held?.version ?? 0) + 1;
      writes.push(written(id, sent, { verb: held ? 'edit' : 'create', text, list: null }));
      const node: CopyNode = { scope: 'FEED', id, version, text, author: AUTHOR, place: null, state: text };
      current.set(id, node);
      records.push({ kind: 'upsert', at, cursor, node });
    }
    if (dice.chance(0.1)) records.push({ kind: 'tick', at: at + 1, cursor });
    if (dice.chance(0.15)) {
      records.push({ kind: 'closed', at: at + 1, why: '1006' });
      if (dice.chance(0.5)) open(at + 2, true);
      else records.push({ kind: 'opened', at: at + 2, by: 'sync', after: cursor });
    } else if (step === ITEMS / 2) {
      records.push({ kind: 'reset', at: at + 1, cursor, reason: 'SLOW_CONSUMER' });
      records.push({ kind: 'loaded', at: at + 2, nodes: [...current.values()] });
    }
  }
  open(ITEMS * STEP_MS + STEP_MS, true);
  const history = { client: 'client', reader: READER, records };
  return { history, truth: copyOf(current.values()), log, ledger: { writes, standings } };
}
