import type { NodeRegistry } from '../../graphql/nodes';
import type { SubscriptionSource } from '../../graphql/schema';
import type { StreamCursors } from '../../graphql/stream-cursor';
import type { Clock } from '../../kernel/clock';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { ChangeReader } from './change.reader';
import { createStreamHub, openStream, type StreamArgs } from './stream.live';
import { StreamResolver, SyncResolver } from './sync.resolver';

export interface SyncDeps {
  readonly clock: Clock;
  readonly database: Database;
  readonly nodes: NodeRegistry;
  readonly cursors: StreamCursors;
  readonly live: HubOptions;
}

/** What changed for a viewer, pulled or pushed, from one log with the same cursors. */
export function createSync({ clock, database, nodes, cursors, live }: SyncDeps) {
  const changes = new ChangeReader(nodes, cursors);
  const hub = createStreamHub(database, live);
  const stream: SubscriptionSource<StreamArgs> = (args, context) =>
    openStream({ database, hub, changes, cursors, clock }, args, context);
  return {
    resolvers: [new SyncResolver(changes), new StreamResolver(changes)],
    subscriptions: { stream },
    close: () => hub.close(),
  };
}
