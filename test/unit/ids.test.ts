import fc from 'fast-check';
import { TypeID } from 'typeid-js';
import { decodeId, encodeId, newId } from '../../src/kernel/ids';

describe('an id', () => {
  it('is a UUIDv7 that ascends within a process', () => {
    const ids = Array.from({ length: 2_000 }, newId);
    expect(new Set(ids).size).toBe(ids.length);
    expect([...ids].sort()).toEqual(ids);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('is shown as a TypeID that sorts like the UUID, and read back', () => {
    const ids = Array.from({ length: 200 }, newId);
    const shown = ids.map((id) => encodeId('post', id));
    expect([...shown].sort()).toEqual(shown);
    expect(shown.map(decodeId)).toEqual(ids.map((uuid) => ({ prefix: 'post', uuid })));
  });

  it('follows the TypeID specification', () => {
    expect(encodeId('prefix', '01890a5d-ac96-774b-bcce-b302099a8057')).toBe('prefix_01h455vb4pex5vsknk084sn02q');
    expect(decodeId('prefix_01h455vb4pex5vsknk084sn02q')).toEqual({
      prefix: 'prefix',
      uuid: '01890a5d-ac96-774b-bcce-b302099a8057',
    });
  });

  it('is written as the library of the specification writes it', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        expect(encodeId('comment', uuid)).toBe(TypeID.fromUUID('comment', uuid).toString());
      }),
      { numRuns: 2_000 },
    );
  });

  it('is read as the library of the specification reads it', () => {
    const readByLibrary = (text: string) => {
      try {
        const id = TypeID.fromString(text);
        const uuid = id.toUUID();
        return /^.{14}7.{4}[89ab]/.test(uuid) && id.getType() !== '' ? { prefix: id.getType(), uuid } : null;
      } catch {
        return null;
      }
    };
    const shown = fc.uuid({ version: 7 }).map((uuid) => encodeId('post', uuid));
    const damaged = fc
      .tuple(shown, fc.nat(30), fc.constantFrom('', 'i', 'l', 'o', 'u', 'z', '0', '7', '8', '_', '-', 'A', 'ß', '\n'))
      .map(([text, at, by]) => text.slice(0, at) + by + text.slice(at + 1));
    const prefixed = fc
      .tuple(fc.string({ unit: fc.constantFrom('a', 'z', '_', '0', 'A', '-'), maxLength: 6 }), shown)
      .map(([prefix, text]) => prefix + text.slice('post'.length));
    fc.assert(
      fc.property(fc.oneof(shown, damaged, prefixed), (text) => {
        expect(decodeId(text)).toEqual(readByLibrary(text));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['empty', ''],
    ['a prefix alone', 'post'],
    ['without its UUID', 'post_'],
    ['without its prefix', '01h455vb4pex5vsknk084sn02q'],
    ['a bare UUID', '01890a5d-ac96-774b-bcce-b302099a8057'],
    ['in capitals', 'POST_01H455VB4PEX5VSKNK084SN02Q'],
    ['partly in capitals', 'post_01H455VB4PEX5VSKNK084SN02Q'],
    ['too short', 'post_01h455vb4pex5vsknk084sn02'],
    ['too long', 'post_01h455vb4pex5vsknk084sn02q0'],
    ['more than 128 bits', 'post_81h455vb4pex5vsknk084sn02q'],
    ['with letters that base32 leaves out', 'post_01h455vb4pex5vsknk084sn02u'],
    ['made of UUIDv4', encodeId('post', '5f0c3a52-3f0e-4c55-9a0f-0d5a2f4f7c11')],
    ['made of the nil UUID', 'post_00000000000000000000000000'],
    ['made of the max UUID', 'post_7zzzzzzzzzzzzzzzzzzzzzzzzz'],
    ['of another variant', encodeId('post', '01890a5d-ac96-774b-0cce-b302099a8057')],
    ['with a space', ' post_01h455vb4pex5vsknk084sn02q'],
    ['with a line break', 'post_01h455vb4pex5vsknk084sn02q\n'],
    ['with a NUL', 'post_01h455vb4pex5vsknk084sn02q\0'],
    ['a whole book', 'post_'.repeat(100_000)],
  ])('is not read from a text that is %s', (_, text) => {
    expect(decodeId(text)).toBeNull();
  });

  it('is read from any text without throwing, and is what it was read from', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: 'binary' })),
        fc.constantFrom('', 'post_'),
        (text, prefix) => {
          const decoded = decodeId(prefix + text);
          if (decoded) expect(encodeId(decoded.prefix, decoded.uuid)).toBe(prefix + text);
        },
      ),
    );
  });
});
