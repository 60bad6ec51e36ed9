import { PAGE_DEFAULT, PAGE_MAX } from '../../graphql/connection';
import type { RequestContext } from '../../graphql/context';
import type { NodeRegistry } from '../../graphql/nodes';
import { type StreamCursors, type StreamPosition, streamPosition } from '../../graphql/stream-cursor';
import { BadInput } from '../../kernel/errors';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { type ChangeEntry, readChanges } from '../../platform/changelog/change-log';
import { feedPostById } from '../feed';
import { POST_PREFIX } from '../posts';
import type { SyncScope } from './sync.types';

/** A change as its GraphQL type takes it. */
export type ChangeItem = { readonly __typename: 'NodeUpserted' | 'NodeRemoved'; readonly cursor: string };

export interface SyncRequest {
  readonly after?: string | null;
  readonly first?: number | null;
  readonly scopes?: readonly SyncScope[] | null;
}

export interface SyncPage {
  readonly changes: readonly ChangeItem[];
  readonly cursor: string;
  readonly hasMore: boolean;
  readonly resetRequired: boolean;
}

/** Reads viewers' change logs and shows each change as the viewer may see its node now. */
export class ChangeReader {
  constructor(
    private readonly nodes: NodeRegistry,
    private readonly cursors: StreamCursors,
  ) {}

  /** @throws BadInput when `first` is out of bounds. */
  async page(context: RequestContext, viewer: Viewer, { after, first, scopes }: SyncRequest): Promise<SyncPage> {
    const limit = first ?? PAGE_DEFAULT;
    if (limit < 1 || limit > PAGE_MAX) throw new BadInput(`Ask for first: 1 to ${PAGE_MAX}; this asks for ${limit}.`);
    const { userId } = viewer;
    const now = await context.loaders.load(streamPosition, userId);
    const at = (seq: number) => this.cursors.encode(userId, { ...now, seq });
    const nothing = { changes: [], cursor: at(now.seq), hasMore: false };
    if (after == null) return { ...nothing, resetRequired: false };
    const place = this.placeOf(userId, after, now);
    if (place === null) return { ...nothing, resetRequired: true };
    const entries = await readChanges(context.db, [{ streamId: userId, after: place }], limit + 1);
    if (isBroken(entries, place, now.seq)) return { ...nothing, resetRequired: true };
    const page = entries.slice(0, limit);
    const changes = newestOfEach(page).filter(({ scope }) => isAsked(scope, scopes));
    return {
      changes: await Promise.all(changes.map((entry) => this.show(context, entry, at(entry.seq)))),
      cursor: at(page.at(-1)?.seq ?? place),
      hasMore: entries.length > limit,
      resetRequired: false,
    };
  }

  /** The number in a cursor of this viewer's log as it is now; null for any other cursor. */
  placeOf(userId: string, cursor: string, now: StreamPosition): number | null {
    const position = this.cursors.decode(userId, cursor);
    return position && position.epoch === now.epoch && position.seq <= now.seq ? position.seq : null;
  }

  /** The node as it is, or that it is gone, under the rights of the context's viewer. */
  async show(context: RequestContext, entry: ChangeEntry, cursor: string): Promise<ChangeItem> {
    const { scope, kind, nodeId, deleted } = entry;
    const node = await this.find(context, entry);
    if (node) return { __typename: 'NodeUpserted', cursor, scope, node } as ChangeItem;
    return {
      __typename: 'NodeRemoved',
      cursor,
      scope,
      nodeId: encodeId(kind, nodeId),
      typename: this.nodes.typenameOf(kind),
      reason: deleted ? 'DELETED' : 'HIDDEN',
    } as ChangeItem;
  }

  /** A post belongs to the feed's part of the copy while it stands in the feed; other nodes while they may be seen. */
  private async find(context: RequestContext, { scope, kind, nodeId }: ChangeEntry): Promise<object | null> {
    if (scope !== 'FEED' || kind !== POST_PREFIX) return this.nodes.findByParts(context, kind, nodeId);
    const post = await context.loaders.load(feedPostById, nodeId);
    return post && { ...post, __typename: this.nodes.typenameOf(kind) };
  }
}

/** Whether entries behind `place` are missing, the log going as far as `head` at least. */
export function isBroken(entries: readonly ChangeEntry[], place: number, head: number): boolean {
  if (entries.length === 0) return head > place;
  return entries.some(({ seq }, index) => seq !== place + 1 + index);
}

/**
 * Each node once, at the place of its newest change. What is deleted stays so: jobs that tell many people of two changes
 * can end in another order than these were made.
 */
export function newestOfEach(entries: readonly ChangeEntry[]): readonly ChangeEntry[] {
  const newest = new Map<string, ChangeEntry>();
  for (const entry of entries) {
    const key = `${entry.scope}:${entry.kind}:${entry.nodeId}`;
    const deleted = entry.deleted || newest.get(key)?.deleted === true;
    newest.delete(key);
    newest.set(key, { ...entry, deleted });
  }
  return [...newest.values()];
}

export function isAsked(scope: string, scopes: readonly SyncScope[] | null | undefined): boolean {
  return !scopes || scopes.some((asked) => asked === scope);
}
