import { GraphQLURL } from 'graphql-scalars';
import { Arg, Args, Authorized, Ctx, Extensions, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import type { Commands } from '../../graphql/command';
import { PageArgs } from '../../graphql/connection.types';
import type { RequestContext } from '../../graphql/context';
import { costOf } from '../../graphql/pipeline/cost';
import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import { ViewerType } from '../accounts';
import type { DataExportRow } from './data-export.entity';
import { type DataExportLists, ownExportById } from './data-export.reader';
import type { DataExportService } from './data-export.service';
import {
  DataExportConnectionType,
  DataExportType,
  RequestDataExportInput,
  RequestDataExportPayload,
} from './data-export.types';
import { EXPORT_PREFIX, type ExportLinks } from './export-links';

@Resolver(() => DataExportType)
export class DataExportResolver {
  constructor(
    private readonly service: DataExportService,
    private readonly links: ExportLinks,
    private readonly commands: Commands,
  ) {}

  @FieldResolver(() => ID)
  id(@Root() { id }: DataExportRow): string {
    return encodeId(EXPORT_PREFIX, id);
  }

  @FieldResolver(() => GraphQLURL)
  url(@Root() row: DataExportRow, @Ctx() { viewer }: RequestContext): string | null {
    return this.links.linkTo(row, viewer);
  }

  @Authorized()
  @Mutation(() => RequestDataExportPayload, {
    description:
      'Asks for a copy of all your data, which is made in the background: follow it by its id, or in your change log (PROFILE). Has to be signed, by somebody who has just shown who they are. One at a time and a few a day; RateLimitedError says when the next may be asked for.',
  })
  requestDataExport(
    @Arg('input', () => RequestDataExportInput, { description: 'The key of the write, or nothing.' })
    input: RequestDataExportInput,
    @Ctx() context: RequestContext,
  ) {
    return this.commands.run(context, input, {
      name: 'requestDataExport',
      critical: true,
      execute: (tx, viewer) => this.service.request(tx, viewer, context.caller.address),
      answer: async ({ exportId }) => ({ dataExport: await context.loaders.load(ownExportById, exportId) }),
    });
  }
}

@Resolver(() => ViewerType)
export class ViewerDataExportsResolver {
  constructor(private readonly lists: DataExportLists) {}

  @Extensions(costOf({ reads: ['dataExports'] }))
  @FieldResolver(() => DataExportConnectionType, {
    description: 'The copies of your data that you asked for, newest first; each is listed for a day at least.',
  })
  dataExports(@Root() viewer: Viewer, @Args(() => PageArgs) page: PageArgs, @Ctx() context: RequestContext) {
    return this.lists.ofViewer(context, viewer, page);
  }
}
