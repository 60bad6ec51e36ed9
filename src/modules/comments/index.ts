import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { NodeRegistry } from '../../graphql/nodes';
import type { SubscriptionSource } from '../../graphql/schema';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { Touched } from '../../platform/cache/touched';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { HubOptions } from '../../platform/changelog/hub';
import type { Database } from '../../platform/postgres/database';
import { postCompanions } from '../posts';
import { BLOCK_CHANGED } from '../relationships';
import { Admissions } from './comment.admission';
import { CommentEntity, CommentThreadEntity } from './comment.entity';
import { type CommentAddedArgs, createCommentHub, openCommentStream } from './comment.live';
import { CommentLists, commentById, commentCountOfPost, threadStateOfPost } from './comment.reader';
import { CommentResolver, PostCommentsResolver } from './comment.resolver';
import { COMMENT_PREFIX, CommentService } from './comment.service';
import { Sight } from './comment.sight';

export { eraseNextComments } from './comment.erasure';
export { exportOfComments } from './comment.export';
export { visibleComments } from './comment.repository';

export const COMMENTS_ENTITIES = [CommentEntity, CommentThreadEntity];

export interface CommentsDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly changes: ChangeLog;
  readonly commands: Commands;
  readonly pages: Pages;
  readonly nodes: NodeRegistry;
  readonly database: Database;
  readonly live: HubOptions;
  readonly touched: Touched;
}

/** What people write under posts, and the live list of it. */
export function createComments(deps: CommentsDeps) {
  const { clock, newId, changes, commands, pages, nodes, database, live, touched } = deps;
  postCompanions.add(commentCountOfPost);
  postCompanions.add(threadStateOfPost);
  const service = new CommentService(clock, newId, changes, live.doorbell, touched);
  const lists = new CommentLists(pages);
  nodes.register({
    prefix: COMMENT_PREFIX,
    typename: 'Comment',
    find: (context, uuid) => context.loaders.load(commentById, uuid),
    delete: (tx, viewer, uuid) => service.delete(tx, viewer, uuid),
  });
  const hub = createCommentHub(database, live);
  const admissions = new Admissions(database);
  const sight = new Sight(database, live);
  const commentAdded: SubscriptionSource<CommentAddedArgs> = (args, context) =>
    openCommentStream({ hub, lists, admissions, sight }, args, context);
  return {
    resolvers: [new CommentResolver(service, lists, commands, admissions), new PostCommentsResolver(lists)],
    subscriptions: { commentAdded },
    tasks: new Map([[BLOCK_CHANGED, service.reportBlock(database)]]),
    close() {
      hub.close();
      sight.close();
    },
  };
}
