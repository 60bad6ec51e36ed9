import { Dice } from '../fuzz/random';
import { checkCopy } from './check-copy';
import { checkList, checkWrites } from './check-list';
import type { CopyRecord, Fault, ListItem, ListRecord } from './history';
import { Facts, type Ledger } from './ledger';
import { type CopySample, type ListSample, STRANGER, sampleCopy, sampleList, written } from './sample-history';

const SEEDS = Array.from({ length: 200 }, (_, seed) => seed);

type ListPlant = (records: ListRecord[], sample: ListSample, dice: Dice) => Ledger;
type CopyPlant = (records: CopyRecord[], sample: CopySample, dice: Dice) => Ledger;

/** The places of items that are in the list for good, so that each of them has to come. */
function lasting(records: readonly ListRecord[], { truth }: ListSample): number[] {
  const kept = new Set(truth.edges.map(({ id }) => id));
  return records.flatMap((record, at) => (record.kind === 'item' && kept.has(record.id) ? [at] : []));
}

const LIST_PLANTS: readonly [Fault, string, ListPlant][] = [
  [
    'lost',
    'dropped',
    (records, sample, dice) => {
      records.splice(dice.of(lasting(records, sample)), 1);
      return sample.ledger;
    },
  ],
  [
    'doubled',
    'doubled, perhaps by a later connection',
    (records, sample, dice) => {
      const from = dice.of(lasting(records, sample));
      records.splice(dice.between(from + 1, records.length), 0, records[from] as ListItem);
      return sample.ledger;
    },
  ],
  [
    'out of order',
    'swapped with the next',
    (records, sample, dice) => {
      const items = lasting(records, sample);
      const which = dice.between(0, items.length - 2);
      const [one, other] = [items[which] as number, items[which + 1] as number];
      [records[one], records[other]] = [records[other] as ListItem, records[one] as ListItem];
      return sample.ledger;
    },
  ],
  [
    'leaked',
    "a blocked person's",
    (records, sample, dice) => {
      const from = dice.of(lasting(records, sample));
      const { id } = records[from] as ListItem;
      const writes = sample.ledger.writes.map((each) => (each.node === id ? { ...each, author: STRANGER } : each));
      return { ...sample.ledger, writes };
    },
  ],
  [
    'early',
    'there before it was written',
    (records, sample, dice) => {
      const from = dice.of(lasting(records, sample));
      const item = records[from] as ListItem;
      const sent = sample.ledger.writes.find(({ node }) => node === item.id)?.sent ?? 0;
      records[from] = { ...item, at: sent - 1 };
      return sample.ledger;
    },
  ],
  [
    'unknown',
    'what nobody wrote',
    (records, sample, dice) => {
      const from = dice.of(lasting(records, sample));
      records[from] = { ...(records[from] as ListItem), text: 'made up' };
      return sample.ledger;
    },
  ],
];

/** The places of the changes that decide what the copy holds at the end, the last of each node. */
function deciding(records: readonly CopyRecord[], kinds: readonly CopyRecord['kind'][]): number[] {
  const last = new Map<string, number>();
  const reset = records.findLastIndex(({ kind }) => kind === 'loaded');
  records.forEach((record, at) => {
    if (record.kind === 'upsert') last.set(record.node.id, at);
    if (record.kind === 'removed') last.set(record.id, at);
  });
  return [...last.values()].filter((at) => at > reset && kinds.includes((records[at] as CopyRecord).kind));
}

function changes(records: readonly CopyRecord[]): number[] {
  return records.flatMap(({ kind }, at) => (kind === 'upsert' || kind === 'removed' ? [at] : []));
}

function upserts(records: readonly CopyRecord[]): number[] {
  return records.flatMap(({ kind }, at) => (kind === 'upsert' ? [at] : []));
}

const COPY_PLANTS: readonly [Fault, string, CopyPlant][] = [
  [
    'hole',
    'dropped though the stream said that it recovered',
    (records, sample, dice) => {
      records.splice(dice.of(deciding(records, ['upsert'])), 1);
      return sample.ledger;
    },
  ],
  [
    'doubled',
    'doubled',
    (records, sample, dice) => {
      const from = dice.of(changes(records));
      records.splice(dice.between(from + 1, records.length), 0, records[from] as CopyRecord);
      return sample.ledger;
    },
  ],
  [
    'out of order',
    'swapped with the next',
    (records, sample, dice) => {
      const places = changes(records);
      const which = dice.between(0, places.length - 2);
      const [one, other] = [places[which] as number, places[which + 1] as number];
      [records[one], records[other]] = [records[other] as CopyRecord, records[one] as CopyRecord];
      return sample.ledger;
    },
  ],
  [
    'leaked',
    "a blocked person's",
    (records, sample, dice) => {
      const record = records[dice.of(upserts(records))] as Extract<CopyRecord, { kind: 'upsert' }>;
      const { id } = record.node;
      const writes = sample.ledger.writes.map((each) => (each.node === id ? { ...each, author: STRANGER } : each));
      return { ...sample.ledger, writes };
    },
  ],
  [
    'early',
    'there before it was written',
    (records, sample, dice) => {
      const at = dice.of(upserts(records));
      const record = records[at] as Extract<CopyRecord, { kind: 'upsert' }>;
      const sent = sample.ledger.writes.find(({ text }) => text === record.node.text)?.sent ?? 0;
      records[at] = { ...record, at: sent - 1 };
      return sample.ledger;
    },
  ],
  [
    'early',
    'there before the stream was ready',
    (records, sample, dice) => {
      const { ready, next } = dice.of(readiesBeforeChanges(records));
      const [moved] = records.splice(next, 1);
      records.splice(ready, 0, moved as CopyRecord);
      return sample.ledger;
    },
  ],
];

/** The places of `StreamReady` that a change follows directly. */
function readiesBeforeChanges(records: readonly CopyRecord[]): { ready: number; next: number }[] {
  return records.flatMap(({ kind }, at) => {
    const following = records[at + 1]?.kind;
    return kind === 'ready' && (following === 'upsert' || following === 'removed') ? [{ ready: at, next: at + 1 }] : [];
  });
}

function judgeList(records: readonly ListRecord[], { history, truth }: ListSample, ledger: Ledger): Fault[] {
  return checkList({ ...history, records }, truth, new Facts(ledger)).map(({ fault }) => fault);
}

function judgeCopy(records: readonly CopyRecord[], { history, truth, log }: CopySample, ledger: Ledger): Fault[] {
  return checkCopy({ ...history, records }, truth, log, new Facts(ledger)).map(({ fault }) => fault);
}

describe('the checker of the fault run', () => {
  it.each(SEEDS.slice(0, 50))('finds nothing in a history without a fault (seed %i)', (seed) => {
    const list = sampleList(seed);
    const copy = sampleCopy(seed);
    expect(judgeList(list.history.records, list, list.ledger)).toEqual([]);
    expect(checkWrites(list.truth, new Facts(list.ledger))).toEqual([]);
    expect(judgeCopy(copy.history.records, copy, copy.ledger)).toEqual([]);
  });

  it.each(LIST_PLANTS)('finds "%s" when an item of a list is %s, every time', (fault, _, plant) => {
    const missed = SEEDS.filter((seed) => {
      const sample = sampleList(seed);
      const records = [...sample.history.records];
      const ledger = plant(records, sample, new Dice(seed));
      return !judgeList(records, sample, ledger).includes(fault);
    });
    expect(missed).toEqual([]);
  });

  it.each(COPY_PLANTS)('finds "%s" when a change of a copy is %s, every time', (fault, _, plant) => {
    const missed = SEEDS.filter((seed) => {
      const sample = sampleCopy(seed);
      const records = [...sample.history.records];
      const ledger = plant(records, sample, new Dice(seed));
      return !judgeCopy(records, sample, ledger).includes(fault);
    });
    expect(missed).toEqual([]);
  });

  it('finds a removal that did not come', () => {
    const missed = SEEDS.filter((seed) => {
      const sample = sampleCopy(seed);
      const records = [...sample.history.records];
      const removals = deciding(records, ['removed']).filter((at) => isHeldBefore(records, at));
      if (removals.length === 0) return false;
      records.splice(new Dice(seed).of(removals), 1);
      return !judgeCopy(records, sample, sample.ledger).includes('hole');
    });
    expect(missed).toEqual([]);
  });

  it('finds a hole in what a client received that left early, and misses nothing behind it', () => {
    const missed = SEEDS.filter((seed) => {
      const sample = sampleList(seed);
      const history = { ...sample.history, left: true };
      const places = lasting(history.records, sample);
      const end = new Dice(seed).between(2, places.length - 1);
      const received = history.records.slice(0, (places[end] as number) + 1);
      const judge = (records: readonly ListRecord[]) => judgeList(records, { ...sample, history }, sample.ledger);
      expect(judge(received)).toEqual([]);
      received.splice(places[end - 1] as number, 1);
      return !judge(received).includes('lost');
    });
    expect(missed).toEqual([]);
  });

  it('asks nothing of what stands before the start of a client, and all of what stands behind it', () => {
    for (const seed of SEEDS) {
      const sample = sampleList(seed);
      const places = lasting(sample.history.records, sample);
      const from = places[new Dice(seed).between(0, places.length - 3)] as number;
      const { cursor } = sample.history.records[from] as ListItem;
      const begun = { ...sample, history: { ...sample.history, start: cursor } };
      const received = sample.history.records.slice(from + 1);
      expect(judgeList(received, begun, sample.ledger)).toEqual([]);
      const next = received.findIndex(
        (record) => record === sample.history.records[places.find((at) => at > from) ?? 0],
      );
      received.splice(next, 1);
      expect(judgeList(received, begun, sample.ledger)).toEqual(['lost']);
    }
  });

  it('finds a write that was answered and is not there, and one that is there twice', () => {
    const { truth, ledger } = sampleList(1);
    const [first, ...rest] = truth.edges;
    if (!first) throw new Error('an empty list');
    const faults = (edges: typeof truth.edges) => checkWrites({ ...truth, edges }, new Facts(ledger));
    expect(new Set(faults(rest).map(({ fault }) => fault))).toEqual(new Set(['lost']));
    expect(faults([first, first, ...rest]).map(({ fault }) => fault)).toContain('doubled');
    const again = written('message_again', 5_000, { text: ledger.writes[0]?.text ?? null });
    const doubled = [...truth.edges, { id: again.node, cursor: 'cursor again', seq: null }];
    const facts = new Facts({ ...ledger, writes: [...ledger.writes, again] });
    expect(checkWrites({ ...truth, edges: doubled }, facts)).toMatchObject([{ fault: 'doubled' }]);
  });

  it('does not miss what a block of that time may have hidden', () => {
    const { history, truth, ledger } = sampleList(3);
    const at = lasting(history.records, { history, truth, ledger })[4] as number;
    const { id } = history.records[at] as ListItem;
    const sent = ledger.writes.find(({ node }) => node === id)?.sent ?? 0;
    const records = history.records.filter((_, place) => place !== at);
    const pair = { viewer: 'reader', other: 'author' };
    const during = [
      { ...pair, change: 'block', sent: sent - 3, answered: sent - 2 },
      { ...pair, change: 'unblock', sent: sent + 1, answered: sent + 2 },
    ] as const;
    const before = during.map((each) => ({ ...each, sent: each.sent - 9, answered: each.answered - 9 }));
    const check = (standings: Ledger['standings']) =>
      judgeList(records, { history, truth, ledger }, { ...ledger, standings });
    expect(check(during)).toEqual([]);
    expect(check(before)).toEqual(['lost']);
  });
});

/** Whether a removal takes something away from the copy that a client has just then. */
function isHeldBefore(records: readonly CopyRecord[], at: number): boolean {
  const { id } = records[at] as Extract<CopyRecord, { kind: 'removed' }>;
  return records.slice(0, at).some((each) => each.kind === 'upsert' && each.node.id === id);
}
