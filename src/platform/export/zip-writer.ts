import { crc32, createDeflateRaw } from 'node:zlib';

/** The archive would need sizes that the format has no room for. */
export class ZipTooLarge extends Error {
  constructor() {
    super('the archive is too large for its format');
    this.name = 'ZipTooLarge';
  }
}

interface Entry {
  readonly name: Buffer;
  readonly offset: number;
  readonly crc: number;
  readonly packed: number;
  readonly plain: number;
}

const SIZE_MAX = 0xffff_ffff;
/** 2.0, the first version with directories and Deflate. */
const VERSION = 20;
const MADE_ON_UNIX = 0x0314;
/** Sizes follow the content (bit 3), names are UTF-8 (bit 11). */
const FLAGS = 0x0808;
const DEFLATE = 8;
const READABLE_FILE = 0o100644 * 0x1_0000;

/**
 * Writes a ZIP archive (APPNOTE.TXT 6.3.10) as it comes: what has been packed leaves at once, so that memory holds one
 * piece of text and a line for each file, however large the archive becomes.
 */
export class ZipWriter {
  private readonly entries: Entry[] = [];
  private offset = 0;

  /** @param at The date of all files; milliseconds since 1970, shown in UTC. */
  constructor(
    private readonly sink: (bytes: Buffer) => Promise<void>,
    private readonly at: number,
  ) {}

  /** @throws ZipTooLarge, and what the texts or the sink throw. */
  async file(name: string, texts: AsyncIterable<string>): Promise<void> {
    const entry = { name: Buffer.from(name), offset: this.offset };
    await this.write(this.header(entry.name));
    const content = await this.pack(texts);
    await this.write(uint32s(0x0807_4b50, content.crc, content.packed, content.plain));
    this.entries.push({ ...entry, ...content });
  }

  async end(): Promise<void> {
    const offset = this.offset;
    for (const entry of this.entries) await this.write(this.directoryEntry(entry));
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x0605_4b50, 0);
    end.writeUInt16LE(this.entries.length, 8);
    end.writeUInt16LE(this.entries.length, 10);
    end.writeUInt32LE(this.offset - offset, 12);
    end.writeUInt32LE(offset, 16);
    await this.write(end);
  }

  private async pack(texts: AsyncIterable<string>): Promise<Pick<Entry, 'crc' | 'packed' | 'plain'>> {
    const begin = this.offset;
    const deflate = createDeflateRaw();
    const ready: Buffer[] = [];
    let crc = 0;
    let plain = 0;
    deflate.on('data', (bytes: Buffer) => ready.push(bytes));
    // The fault itself comes to whoever waits for the write.
    deflate.on('error', () => {});
    const drain = async () => {
      for (const bytes of ready.splice(0)) await this.write(bytes);
    };
    try {
      for await (const text of texts) {
        const bytes = Buffer.from(text);
        crc = crc32(bytes, crc);
        plain += bytes.length;
        if (plain > SIZE_MAX) throw new ZipTooLarge();
        await new Promise<void>((resolve, reject) => {
          deflate.write(bytes, (error) => (error ? reject(error) : resolve()));
        });
        await drain();
      }
      await new Promise<void>((resolve, reject) => {
        deflate.once('end', resolve).once('error', reject).end();
      });
      await drain();
    } finally {
      deflate.destroy();
    }
    return { crc, plain, packed: this.offset - begin };
  }

  private async write(bytes: Buffer): Promise<void> {
    this.offset += bytes.length;
    if (this.offset > SIZE_MAX) throw new ZipTooLarge();
    await this.sink(bytes);
  }

  /** What stands before the content, where its sizes are not known yet. */
  private header(name: Buffer): Buffer {
    const fixed = Buffer.alloc(30);
    fixed.writeUInt32LE(0x0403_4b50, 0);
    fixed.writeUInt16LE(VERSION, 4);
    this.describe(fixed, 6);
    fixed.writeUInt16LE(name.length, 26);
    return Buffer.concat([fixed, name]);
  }

  private directoryEntry({ name, offset, crc, packed, plain }: Entry): Buffer {
    const fixed = Buffer.alloc(46);
    fixed.writeUInt32LE(0x0201_4b50, 0);
    fixed.writeUInt16LE(MADE_ON_UNIX, 4);
    fixed.writeUInt16LE(VERSION, 6);
    this.describe(fixed, 8);
    uint32s(crc, packed, plain).copy(fixed, 16);
    fixed.writeUInt16LE(name.length, 28);
    fixed.writeUInt32LE(READABLE_FILE, 38);
    fixed.writeUInt32LE(offset, 42);
    return Buffer.concat([fixed, name]);
  }

  private describe(header: Buffer, from: number): void {
    const at = new Date(this.at);
    header.writeUInt16LE(FLAGS, from);
    header.writeUInt16LE(DEFLATE, from + 2);
    header.writeUInt16LE((at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1), from + 4);
    header.writeUInt16LE(
      ((at.getUTCFullYear() - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
      from + 6,
    );
  }
}

function uint32s(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  for (const [index, value] of values.entries()) bytes.writeUInt32LE(value, index * 4);
  return bytes;
}
