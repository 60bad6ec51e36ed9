import { type Copy, type CopyHistory, type CopyNode, copyKey, foldHistory, type Violation } from './history';
import type { Facts } from './ledger';

/**
 * Compares what a client that keeps a copy received with what was written, and its copy with what the API shows a
 * fresh client of the same person. Changes of one node may be folded into the newest, so what is compared is: each
 * change came once, in the order of the log, not before it was written or before the stream was ready, to somebody who
 * may see it; no node went back in time; and the copy is right at the end. Pure.
 *
 * @param log the cursors of the reader's changes in order, as `Viewer.sync` answers them from the beginning.
 */
export function checkCopy(history: CopyHistory, truth: Copy, log: readonly string[], facts: Facts): Violation[] {
  const violations: Violation[] = [];
  const report = (fault: Violation['fault'], detail: string) =>
    violations.push({ fault, client: history.client, detail });
  const places = new Map(log.map((cursor, place) => [cursor, place]));
  const seen = new Set<string>();
  const versions = new Map<string, number>();
  const seqs = new Map<string, number>();
  let lastPlace = -1;
  let ready = true;
  let recovered = false;

  const change = (kind: string, at: number, cursor: string, key: string): boolean => {
    const name = `${kind} of ${key} at ${at.toFixed(0)} ms`;
    if (!ready) report('early', `${name}, before the stream was ready`);
    if (seen.has(`${cursor} ${key}`)) {
      report('doubled', name);
      return false;
    }
    seen.add(`${cursor} ${key}`);
    const place = places.get(cursor) ?? lastPlace;
    if (place < lastPlace) report('out of order', name);
    lastPlace = Math.max(place, lastPlace);
    return true;
  };

  for (const record of history.records) {
    if (record.kind === 'opened') ready = record.by === 'sync';
    if (record.kind === 'ready' || record.kind === 'reset') ready = true;
    if (record.kind === 'ready') recovered ||= record.recovered;
    if (record.kind === 'loaded') {
      recovered = false;
      for (const node of record.nodes) {
        checkNode(node, record.at, history.reader, facts, report);
        versions.set(copyKey(node.scope, node.id), node.version ?? 0);
        if (node.place) raise(seqs, node.place.list, node.place.seq);
      }
    }
    if (record.kind === 'removed') change('removal', record.at, record.cursor, copyKey(record.scope, record.id));
    if (record.kind !== 'upsert') continue;
    const { node, at } = record;
    const key = copyKey(node.scope, node.id);
    if (!change('state', at, record.cursor, key)) continue;
    const known = versions.get(key);
    if (node.version !== null) {
      if (node.version < (known ?? 0)) report('out of order', `version ${node.version} of ${key} after ${known}`);
      raise(versions, key, node.version);
    }
    // A message that was changed comes where its newest change stands; one that was not comes in its place.
    if (node.place && known === undefined && !facts.wasChanged(node.id)) {
      const { list, seq } = node.place;
      if (seq <= (seqs.get(list) ?? 0)) report('out of order', `message ${seq} of ${list} after ${seqs.get(list)}`);
      raise(seqs, list, seq);
    }
    checkNode(node, at, history.reader, facts, report);
  }
  compare(foldHistory(history.records), truth, recovered, report);
  return violations;
}

type Report = (fault: Violation['fault'], detail: string) => void;

function checkNode(node: CopyNode, at: number, reader: string, facts: Facts, report: Report): void {
  const name = `${copyKey(node.scope, node.id)} ("${node.text}") at ${at.toFixed(0)} ms`;
  const creation = facts.creationOf(node.id);
  // Conversations and people are made before a run and change by other means than text.
  if (!creation || node.text === null) return;
  const sent = facts.textSentAt(node.id, node.text);
  if (sent === undefined) report('unknown', `the text of ${name}`);
  else if (at < sent) report('early', name);
  else if (facts.surelyApart(reader, creation.author, creation.sent, at)) report('leaked', name);
}

function compare(copy: Copy, truth: Copy, recovered: boolean, report: Report): void {
  for (const [key, node] of truth) {
    const held = copy.get(key);
    if (!held) report(recovered ? 'hole' : 'lost', `${key} ("${node.text}") is missing in the copy`);
    else if (held.state !== node.state) {
      report(recovered ? 'hole' : 'stale', `${key} is ${held.state} in the copy, and ${node.state} in truth`);
    }
  }
  for (const [key, node] of copy) {
    if (!truth.has(key))
      report(recovered ? 'hole' : 'left over', `${key} ("${node.text}") is in the copy, and is gone`);
  }
}

function raise(highest: Map<string, number>, key: string, value: number): void {
  highest.set(key, Math.max(value, highest.get(key) ?? 0));
}
