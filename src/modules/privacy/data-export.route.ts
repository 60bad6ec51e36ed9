import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../graphql/pipeline/refusal';
import { replyRefusal } from '../../graphql/refusal-reply';
import type { Database } from '../../platform/postgres/database';
import type { DataExportRow } from './data-export.entity';
import type { ExportKey } from './data-export.repository';
import * as dataExports from './data-export.repository';
import type { DataExportService } from './data-export.service';
import { EXPORTS_PATH, type ExportLinks } from './export-links';

export interface ExportRouteDeps {
  readonly database: Database;
  readonly links: ExportLinks;
  readonly service: DataExportService;
  /** Counts a request that holds a secret. Throws a Refusal when there were too many, or the process is overloaded. */
  readonly admit: (address: string) => Promise<void>;
}

/** A reader who takes nothing for so long is cut off. */
const STALLED_MS = 60_000;
/** The same whatever is wrong, so that nobody learns which exports there are. */
const NOTHING = {
  errors: [
    {
      message: 'There is nothing here, or this link has ended. Ask for another one.',
      extensions: { code: 'NOT_FOUND' },
    },
  ],
};

type Request = FastifyRequest<{ Params: { id: string }; Querystring: Record<string, unknown> }>;

/** Serves exports to whoever brings a link of `DataExport.url`, part by part, as fast as they are taken. */
export function registerExports(app: FastifyInstance, { database, links, service, admit }: ExportRouteDeps): void {
  const send = async (request: Request, reply: FastifyReply) => {
    void reply.header('cache-control', 'no-store');
    try {
      await admit(request.ip);
    } catch (fault) {
      if (fault instanceof Refusal) return replyRefusal(request, reply, fault);
      throw fault;
    }
    const key = links.read(request.params.id, request.query);
    const found = key && (await database.transaction((tx) => service.open(tx, key, request.ip)));
    if (!found) return reply.code(404).send(NOTHING);
    reply.raw.setTimeout(STALLED_MS, () => reply.raw.destroy());
    void reply.headers(headersOf(found));
    return reply.send(Readable.from(partsOf(database, found), { objectMode: false, highWaterMark: 1 }));
  };
  // HEAD would read all of it to throw it away.
  app.route({ method: 'GET', url: `${EXPORTS_PATH}/:id`, exposeHeadRoute: false, compress: false, handler: send });
}

function headersOf({ createdAt, sizeBytes }: DataExportRow): Record<string, string | number> {
  return {
    'content-type': 'application/zip',
    'content-length': sizeBytes ?? 0,
    'content-disposition': `attachment; filename="data-export-${createdAt.slice(0, 10)}.zip"`,
  };
}

/** @throws when they are removed meanwhile: a copy that ends early must not look like a whole one. */
async function* partsOf(database: Database, row: DataExportRow & ExportKey): AsyncGenerator<Buffer> {
  let left = row.sizeBytes ?? 0;
  for (let seq = 0; left > 0; seq += 1) {
    const bytes = await dataExports.findPart(database, row, seq);
    if (!bytes) throw new Error('the export was removed while it was fetched');
    left -= bytes.length;
    yield bytes;
  }
}
