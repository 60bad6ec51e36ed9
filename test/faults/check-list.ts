import type { ListHistory, ListItem, ListTruth, Violation } from './history';
import type { Facts, Write } from './ledger';

/**
 * Compares what a client of one list received with what was written: everything that it may see came once, in the
 * list's order, not before it was written, and nothing else did. Pure; the order of the answer is that of the history.
 */
export function checkList(history: ListHistory, truth: ListTruth, facts: Facts): Violation[] {
  const violations: Violation[] = [];
  const report = (fault: Violation['fault'], detail: string) =>
    violations.push({ fault, client: history.client, detail: `${detail} in ${history.list}` });
  const places = new Map(truth.edges.map(({ id }, place) => [id, place]));
  const cursors = new Map(truth.edges.map(({ id, cursor }) => [id, cursor]));
  const ids = new Map<string, number>();
  const seen = new Set<string>();
  // The item at the start may have been deleted since; the list then begins with what came first.
  const first = truth.edges.findIndex(({ cursor }) => cursor === history.start);
  const began = itemsOf(history).find(({ id }) => places.has(id));
  const firstPlace = history.start === null || first >= 0 ? first : (places.get(began?.id ?? '') ?? 0) - 1;
  let lastPlace = -1;
  let lastSeq = 0;
  for (const item of itemsOf(history)) {
    const name = nameOf(item);
    if (ids.has(item.id) || seen.has(item.cursor))
      report('doubled', `${name}, first at ${ids.get(item.id)?.toFixed(0)} ms, ${opened(history, item)},`);
    else {
      // What was deleted since has no place in the list any more, but keeps its number.
      const place = places.get(item.id) ?? lastPlace;
      if (place < lastPlace || (item.seq !== null && item.seq <= lastSeq)) report('out of order', name);
      lastPlace = Math.max(place, lastPlace);
      lastSeq = Math.max(item.seq ?? 0, lastSeq);
    }
    ids.set(item.id, ids.get(item.id) ?? item.at);
    seen.add(item.cursor);
    const cursor = cursors.get(item.id);
    if (cursor !== undefined && cursor !== item.cursor) report('unknown', `the cursor of ${name}`);
    const creation = facts.creationOf(item.id);
    const textSent = facts.textSentAt(item.id, item.text);
    if (!creation || creation.list !== history.list) report('unknown', name);
    else if (textSent === undefined) report('unknown', `the text of ${name}`);
    else if (item.at < textSent) report('early', name);
    else if (facts.surelyApart(history.reader, creation.author, creation.sent, item.at)) report('leaked', name);
  }
  for (const write of facts.createdIn(history.list)) {
    const place = places.get(write.node) ?? lastPlace;
    const due = place > firstPlace && (!history.left || place < lastPlace);
    if (due && mustArrive(write, history.reader, facts) && !ids.has(write.node)) {
      report('lost', `${write.node} ("${write.text}", answered at ${write.answered?.toFixed(0)} ms)`);
    }
  }
  return violations;
}

/** Writes that were answered and are not in the list, or there more often than once. */
export function checkWrites(truth: ListTruth, facts: Facts): Violation[] {
  const violations: Violation[] = [];
  const report = (fault: Violation['fault'], detail: string) =>
    violations.push({ fault, client: 'the database', detail: `${detail} in ${truth.list}` });
  const ids = new Set<string>();
  const texts = new Set<string>();
  let last = 0;
  for (const { id, seq } of truth.edges) {
    const text = facts.creationOf(id)?.text ?? id;
    if (ids.has(id) || texts.has(text)) report('doubled', id);
    ids.add(id);
    texts.add(text);
    if (seq !== null && seq <= last) report('out of order', id);
    last = seq ?? last;
    if (facts.creationOf(id)?.list !== truth.list) report('unknown', id);
  }
  for (const write of facts.createdIn(truth.list)) {
    const kept = write.answered !== null && write.refused === null && !facts.wasDeleted(write.node);
    if (kept && !ids.has(write.node)) report('lost', `${write.node} ("${write.text}"), a write that was answered`);
    if (write.refused !== null && ids.has(write.node)) report('unknown', `${write.node}, a write that was refused,`);
  }
  // A deleted message may keep its place or leave it; a number that nobody ever had must not be left out.
  const deleted = facts.createdIn(truth.list).filter(({ node }) => facts.wasDeleted(node)).length;
  if (last > truth.before + truth.edges.length + deleted) report('lost', `a number below ${last}`);
  return violations;
}

function itemsOf({ records }: ListHistory): ListItem[] {
  return records.filter((record) => record.kind === 'item');
}

/** How the client stood when an item came: which of its subscriptions, since when, and from where. */
function opened({ records }: ListHistory, item: ListItem): string {
  const before = records.slice(0, records.lastIndexOf(item)).filter(({ kind }) => kind === 'opened');
  const last = before.at(-1);
  const after = last?.kind === 'opened' ? last.after : null;
  const place = records.findIndex((record) => record.kind === 'item' && record.cursor === after);
  const since = records[place];
  return `by subscription ${before.length} opened at ${last?.at.toFixed(0)} ms behind what came at ${since?.at.toFixed(0)} ms`;
}

/** What was deleted, or was hidden from this reader for a while, may rightly not have come. */
function mustArrive(write: Write, reader: string, facts: Facts): boolean {
  if (write.answered === null || write.refused !== null || facts.wasDeleted(write.node)) return false;
  return !facts.maybeApart(reader, write.author, write.sent);
}

function nameOf(item: ListItem): string {
  return `${item.id} ("${item.text}", came at ${item.at.toFixed(0)} ms)`;
}
