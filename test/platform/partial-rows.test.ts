import 'reflect-metadata';
import { Column, Entity } from 'typeorm';
import { mapTable } from '../../src/platform/postgres/mapping';
import { compileDecoder } from '../../src/platform/postgres/row-decoder';
import { compileReader, definePart, partOf } from '../../src/platform/postgres/row-reader';

interface NoteRow {
  id: string;
  title: string;
  private: boolean;
  body: string | null;
}

@Entity('part_notes')
class NoteEntity implements NoteRow {
  @Column('uuid', { name: 'id' }) id!: string;
  @Column('text', { name: 'title' }) title!: string;
  @Column('boolean', { name: 'is_private' }) private!: boolean;
  @Column('text', { name: 'note_body', nullable: true }) body!: string | null;
}

const NOTES = mapTable<NoteRow>(NoteEntity, ['private', 'body']);
/** The names of the columns that a select list has. */
const namesIn = ({ text }: { readonly text: string }) =>
  [...text.matchAll(/ AS "([^"]+)"/g)].map(([, name]) => name ?? '');

describe('a part of a row', () => {
  const read = compileReader([...namesIn(NOTES.columns('n', 'node', 'part')), 'parentId']);
  const row = read(['1', 'First', 'p']) as { node: NoteRow; parentId: string };

  it('is selected without what stands in whole rows only', () => {
    expect(NOTES.columns('n', undefined, 'part').text).toBe('n.id AS "id~part_notes", n.title AS "title~part_notes"');
    expect(NOTES.restored('x', 'node', 'part').text).toBe(
      'x."node.id~part_notes" AS id, x."node.title~part_notes" AS title',
    );
  });

  it('holds what was selected, as any row', () => {
    expect(row).toEqual({ node: { id: '1', title: 'First' }, parentId: 'p' });
    expect(JSON.stringify(row)).toBe('{"node":{"id":"1","title":"First"},"parentId":"p"}');
    expect(compileReader(namesIn(NOTES.columns('n', undefined, 'part')))(['2', 'Second'])).toEqual({
      id: '2',
      title: 'Second',
    });
  });

  it('throws for what was not selected, in place of saying that there is none', () => {
    expect(() => row.node.body).toThrow('part_notes.body was not selected');
    expect(() => row.node.private).toThrow('part_notes.private was not selected');
    expect((row.node as { other?: unknown }).other).toBeUndefined();
  });

  it('is of one shape, whatever statement brought it', () => {
    const other = compileReader(['first', ...namesIn(NOTES.columns('m', 'inner.note', 'part'))]);
    const { inner } = other([0, '3', 'Third']) as { inner: { note: NoteRow } };
    expect(inner.note).toEqual({ id: '3', title: 'Third' });
    expect(Object.getPrototypeOf(inner.note)).toBe(Object.getPrototypeOf(row.node));
  });

  it('comes out of the bytes of a row', () => {
    const names = namesIn(NOTES.columns('n', undefined, 'part'));
    const decode = compileDecoder(names.map((name) => ({ name, dataTypeID: 25 })));
    const bytes = Buffer.from('\0\x02\0\0\0\x01a\0\0\0\x01b', 'latin1');
    const decoded = decode(bytes, 0, bytes.length) as NoteRow;
    expect(decoded).toEqual({ id: 'a', title: 'b' });
    expect(() => decoded.body).toThrow(TypeError);
  });
});

it('a whole row is a plain object', () => {
  const names = namesIn(NOTES.columns('n', 'node'));
  expect(names).toEqual(['node.id', 'node.title', 'node.private', 'node.body']);
  const { node } = compileReader(names)(['1', 'First', false, null]) as { node: NoteRow };
  expect(node).toStrictEqual({ id: '1', title: 'First', private: false, body: null });
  expect(NOTES.columns('n', 'node', 'whole').text).toBe(NOTES.columns('n', 'node').text);
});

it('a part that a statement selects in another way is refused', () => {
  definePart('part_kind', ['one', 'two'], ['three']);
  expect(() => compileReader([partOf('part_kind', 'one')])).toThrow('a row holds one in place of one,two');
  expect(() => compileReader([partOf('nothing', 'one')])).toThrow('no such kind of row: nothing');
  expect(() => definePart('part_kind', ['one'], ['two', 'three'])).toThrow('declared twice');
  definePart('part_kind', ['one', 'two'], ['three']);
});
