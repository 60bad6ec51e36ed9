import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { CursorCodec, type Position } from '../../src/kernel/cursor';
import { BadInput } from '../../src/kernel/errors';

const codec = new CursorCodec(randomBytes(32));
const position = fc.array(fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true })), {
  minLength: 1,
  maxLength: 3,
});
/** JSON has one zero. */
const asJson = (value: Position): Position => JSON.parse(JSON.stringify(value));

describe('a cursor', () => {
  it('gives back the position it was made of', () => {
    fc.assert(
      fc.property(fc.string(), position, (list, at) => {
        const cursor = codec.encode(list, at);
        if (cursor.length <= 512) expect(codec.decode(list, cursor)).toEqual(asJson(at));
      }),
    );
  });

  it('is safe in a URL and the same each time', () => {
    const at = ['2026-01-01T00:00:00.000Z', '0190a5d0-7c00-7000-8000-000000000000'];
    expect(codec.encode('posts:1', at)).toMatch(/^[\w-]+$/);
    expect(codec.encode('posts:1', at)).toBe(codec.encode('posts:1', at));
  });

  it('belongs to its list: no other list reads it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (list, other) => {
        fc.pre(list !== other);
        expect(() => codec.decode(other, codec.encode(list, [1]))).toThrow(BadInput);
      }),
    );
  });

  it('does not confuse the name of a list with the position after it', () => {
    const cursor = codec.encode('a', [1]);
    expect(() => codec.decode('a\0', cursor)).toThrow(BadInput);
    expect(() => codec.decode('a\0[1]', cursor)).toThrow(BadInput);
  });

  it('belongs to the key: one of another service, or of before a change of key, is refused', () => {
    const other = new CursorCodec(randomBytes(32));
    expect(() => other.decode('posts:1', codec.encode('posts:1', [1]))).toThrow(BadInput);
  });

  it('is refused with any bit changed, and at any other length', () => {
    const cursor = codec.encode('posts:1', ['2026-01-01T00:00:00.000Z', 7]);
    const bytes = Buffer.from(cursor, 'base64url');
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const forged = Buffer.from(bytes);
      forged[bit >> 3] = (forged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => codec.decode('posts:1', forged.toString('base64url'))).toThrow(BadInput);
    }
    for (let length = 0; length < cursor.length; length += 1) {
      expect(() => codec.decode('posts:1', cursor.slice(0, length))).toThrow(BadInput);
    }
    expect(codec.decode('posts:1', cursor)).toEqual(['2026-01-01T00:00:00.000Z', 7]);
  });

  it('has one spelling', () => {
    const cursor = codec.encode('posts:1', [1, 2, 3]);
    for (const text of [
      `${cursor}=`,
      `${cursor} `,
      `\n${cursor}`,
      `${cursor}!`,
      `${cursor.slice(0, 4)}.${cursor.slice(4)}`,
    ]) {
      expect(() => codec.decode('posts:1', text)).toThrow(BadInput);
    }
  });

  it('is never another text, whatever that is', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 600 }), fc.base64String({ maxLength: 600 })), (text) => {
        expect(() => codec.decode('posts:1', text)).toThrow(BadInput);
      }),
    );
  });
});
