import { randomBytes } from 'node:crypto';
import { inPages } from '../../src/platform/export/export-source';
import { ZipWriter } from '../../src/platform/export/zip-writer';
import { unzip } from '../support/zip';

const TODAY = Date.UTC(2026, 10, 22, 15, 30, 8);

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

describe('an archive', () => {
  it('holds the files that were written into it, by their names, however they were cut', async () => {
    const pieces: Buffer[] = [];
    const zip = new ZipWriter(async (bytes) => void pieces.push(bytes), TODAY);
    const long = randomBytes(300_000).toString('base64');
    await zip.file('empty.txt', once(''));
    await zip.file('größe.txt', once('Zeile – 1\n'));
    await zip.file(
      'long.txt',
      (async function* () {
        for (let at = 0; at < long.length; at += 7_001) yield long.slice(at, at + 7_001);
      })(),
    );
    await zip.end();
    expect([...unzip(Buffer.concat(pieces))]).toEqual([
      ['empty.txt', ''],
      ['größe.txt', 'Zeile – 1\n'],
      ['long.txt', long],
    ]);
  });

  it('is written as it is made: what is read waits for what is stored', async () => {
    const pageBytes = 200_000;
    let [read, stored] = [0, 0];
    const behind: number[] = [];
    const zip = new ZipWriter(async (bytes) => {
      await new Promise((resolve) => setImmediate(resolve));
      stored += bytes.length;
    }, TODAY);
    await zip.file(
      'noise.txt',
      (async function* () {
        for (let page = 0; page < 40; page += 1) {
          // Of each byte of hexadecimal noise, half a byte is left.
          behind.push(read / 2 - stored);
          read += pageBytes;
          yield randomBytes(pageBytes / 2).toString('hex');
        }
      })(),
    );
    await zip.end();
    expect(Math.max(...behind)).toBeLessThan(pageBytes);
  });

  it('fails with what reading or storing fails with', async () => {
    const broken = new ZipWriter(async () => {
      throw new Error('no room');
    }, TODAY);
    await expect(broken.file('a', once('a'))).rejects.toThrow('no room');
    const zip = new ZipWriter(async () => {}, TODAY);
    const failing = (async function* () {
      yield 'a';
      throw new Error('no rows');
    })();
    await expect(zip.file('a', failing)).rejects.toThrow('no rows');
  });
});

describe('a list read in pages', () => {
  it.each([0, 1, 499, 500, 501, 1_000, 1_301])(
    'has each of its %i rows once, and few of them at a time',
    async (size) => {
      const all = Array.from({ length: size }, (_, index) => index);
      const reads: number[] = [];
      const seen: number[] = [];
      const pages = inPages(
        async ({ limit, after }) => {
          const begin = after === null ? 0 : Number(after[0]) + 1;
          const rows = all.slice(begin, begin + limit + 1);
          reads.push(rows.length);
          return rows;
        },
        (row) => [row],
      );
      for await (const page of pages) seen.push(...page);
      expect(seen).toEqual(all);
      expect(Math.max(...reads)).toBeLessThanOrEqual(501);
      expect(reads).toHaveLength(Math.max(1, Math.ceil(size / 500)));
    },
  );
});
