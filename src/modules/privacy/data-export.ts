import type { FastifyInstance } from 'fastify';
import type { Commands } from '../../graphql/command';
import type { Pages } from '../../graphql/connection';
import type { NodeRegistry } from '../../graphql/nodes';
import type { Clock } from '../../kernel/clock';
import type { NewId } from '../../kernel/ids';
import type { ChangeLog } from '../../platform/changelog/change-log';
import type { ExportSource } from '../../platform/export/export-source';
import type { Enqueue, Task } from '../../platform/jobs/jobs';
import type { Database } from '../../platform/postgres/database';
import type { Log } from '../../platform/telemetry/log';
import { exportOfProfile } from '../accounts';
import { type AuditTrail, exportOfTrail } from '../audit';
import { exportsOfAuth, type SessionService } from '../auth';
import { exportOfComments } from '../comments';
import { exportOfDevices } from '../devices';
import { exportOfIdentities } from '../issuers';
import { exportsOfMessaging } from '../messaging';
import { exportOfPasskeys } from '../passkeys';
import { exportOfPosts } from '../posts';
import { exportOfLikes } from '../reactions';
import { exportsOfRelationships } from '../relationships';
import { DataExportLists, ownExportById } from './data-export.reader';
import { DataExportResolver, ViewerDataExportsResolver } from './data-export.resolver';
import { type ExportRouteDeps, registerExports } from './data-export.route';
import { DataExportService, MAKE_EXPORT } from './data-export.service';
import { ExportMaker } from './data-export.task';
import { EXPORT_PREFIX, ExportLinks } from './export-links';

export interface DataExportsDeps {
  readonly clock: Clock;
  readonly newId: NewId;
  readonly database: Database;
  readonly commands: Commands;
  readonly enqueue: Enqueue;
  readonly changes: ChangeLog;
  readonly pages: Pages;
  readonly nodes: NodeRegistry;
  readonly audit: AuditTrail;
  readonly sessions: SessionService;
  readonly log: Log;
  readonly exports: {
    /** Signs links. */
    readonly key: Buffer;
    /** Where this service is reached from outside. */
    readonly baseUrl: string;
    readonly perDay: number;
    readonly hours: number;
    readonly linkMinutes: number;
    readonly maxBytes: number;
  };
}

const PURGE_TASK = 'exports.purge';

/** Everything that a copy holds, in the order of its files. */
const SOURCES: readonly ExportSource[] = [
  exportOfProfile,
  ...exportsOfAuth,
  exportOfDevices,
  exportOfIdentities,
  exportOfPasskeys,
  exportOfTrail,
  exportOfPosts,
  exportOfComments,
  exportOfLikes,
  ...exportsOfRelationships,
  ...exportsOfMessaging,
];

/** Copies of people's own data, made in the background and given to nobody else. */
export function createDataExports(deps: DataExportsDeps) {
  const { clock, database, enqueue, log, nodes, exports: options } = deps;
  const links = new ExportLinks(clock, options);
  const service = new DataExportService({ ...deps, perDay: options.perDay });
  const { hours, maxBytes } = options;
  const maker = new ExportMaker({ clock, database, enqueue, log, service, sources: SOURCES, hours, maxBytes });
  nodes.register({
    prefix: EXPORT_PREFIX,
    typename: 'DataExport',
    find: (context, uuid) => context.loaders.load(ownExportById, uuid),
  });
  return {
    resolvers: [
      new DataExportResolver(service, links, deps.commands),
      new ViewerDataExportsResolver(new DataExportLists(deps.pages)),
    ],
    tasks: new Map<string, Task>([
      [MAKE_EXPORT, maker.task],
      [PURGE_TASK, () => service.purge(database)],
    ]),
    schedules: [{ task: PURGE_TASK, cron: '13 * * * *' }],
    registerRoutes(app: FastifyInstance, admit: ExportRouteDeps['admit']): void {
      registerExports(app, { database, links, service, admit });
    },
  };
}
