import { encodeId } from '../../kernel/ids';
import type { Viewer } from '../../kernel/viewer';
import type { ExportSource } from '../../platform/export/export-source';
import { ZipWriter } from '../../platform/export/zip-writer';
import type { Transaction } from '../../platform/postgres/database';
import type { DataExportRow } from './data-export.entity';
import * as dataExports from './data-export.repository';
import { EXPORT_PREFIX } from './export-links';

/** Of the archive, as rows of the database hold it. */
const PART_BYTES = 262_144;
const FORMAT_VERSION = 1;

/** The copy would be larger than is allowed. */
export class ExportTooLarge extends Error {
  constructor(maxBytes: number) {
    super(`the export is larger than ${maxBytes} bytes`);
    this.name = 'ExportTooLarge';
  }
}

/** Cuts what is written into parts, and stores each as soon as it is full. */
class PartWriter {
  private waiting: Buffer[] = [];
  private waitingBytes = 0;
  private seq = 0;
  written = 0;

  constructor(
    private readonly tx: Transaction,
    private readonly row: DataExportRow,
    private readonly maxBytes: number,
  ) {}

  async write(bytes: Buffer): Promise<void> {
    this.written += bytes.length;
    if (this.written > this.maxBytes) throw new ExportTooLarge(this.maxBytes);
    this.waiting.push(bytes);
    this.waitingBytes += bytes.length;
    while (this.waitingBytes >= PART_BYTES) await this.store(PART_BYTES);
  }

  async end(): Promise<void> {
    if (this.waitingBytes > 0) await this.store(this.waitingBytes);
  }

  private async store(length: number): Promise<void> {
    const all = Buffer.concat(this.waiting);
    this.waiting = [all.subarray(length)];
    this.waitingBytes = all.length - length;
    await dataExports.insertPart(this.tx, this.row, this.seq, all.subarray(0, length));
    this.seq += 1;
  }
}

/**
 * Writes the archive into the parts of an export: one file of JSON lines for each source and, last, a manifest that says
 * what they are. Memory holds one page of one source and one part.
 * @param now Milliseconds since 1970.
 * @returns its size in bytes.
 * @throws ExportTooLarge, ZipTooLarge
 */
export async function writeArchive(
  tx: Transaction,
  row: DataExportRow,
  sources: readonly ExportSource[],
  { now, maxBytes }: { readonly now: number; readonly maxBytes: number },
): Promise<number> {
  const parts = new PartWriter(tx, row, maxBytes);
  const zip = new ZipWriter((bytes) => parts.write(bytes), now);
  const files: object[] = [];
  for (const source of sources) {
    const file = `${source.name}.ndjson`;
    let rows = 0;
    await zip.file(
      file,
      linesOf(tx, row, source, (count) => (rows += count)),
    );
    files.push({ file, about: source.about, rows });
  }
  const manifest = {
    format: 'portico data export',
    version: FORMAT_VERSION,
    export: encodeId(EXPORT_PREFIX, row.id),
    takenAt: new Date(now).toISOString(),
    about: 'One JSON object per line, UTF-8. All files are of one moment. Times are RFC 3339.',
    files,
  };
  await zip.file('manifest.json', once(`${JSON.stringify(manifest, null, 2)}\n`));
  await zip.end();
  await parts.end();
  return parts.written;
}

async function* linesOf(
  tx: Transaction,
  viewer: Viewer,
  source: ExportSource,
  count: (rows: number) => void,
): AsyncGenerator<string> {
  for await (const page of source.pages(tx, viewer)) {
    count(page.length);
    if (page.length > 0) yield `${page.map((each) => JSON.stringify(each)).join('\n')}\n`;
  }
}

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}
