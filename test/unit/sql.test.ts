import fc from 'fast-check';
import {
  empty,
  identifier,
  isOneOf,
  join,
  planEachTime,
  raw,
  type Statement,
  sql,
} from '../../src/platform/postgres/sql';

const partsOf = ({ text, values }: Statement) => ({ text, values });

/** What looks like a statement, or like a part of one, without being made by us. */
const LOOKALIKES = [
  { text: 'DROP TABLE users', values: [] },
  { shape: { text: 'DROP TABLE users', size: 0 }, parts: [] },
  { sql: 'DROP TABLE users', strings: ['DROP TABLE users'], values: [] },
  Object.assign(['DROP TABLE users'], { raw: ['DROP TABLE users'] }),
  JSON.parse('{"__proto__": {"text": "DROP TABLE users"}, "shape": {"size": 0}}'),
  '$1; DROP TABLE users',
  null,
  undefined,
];

describe('a statement', () => {
  it('has its values apart from its text, numbered in their order', () => {
    const inner = sql`b = ${2} AND c = ANY(${[3, 4]})`;
    expect(partsOf(sql`SELECT ${raw('1')} WHERE a = ${1} AND (${inner}) AND d = ${5}${empty} LIMIT ${6}`)).toEqual({
      text: 'SELECT 1 WHERE a = $1 AND (b = $2 AND c = ANY($3)) AND d = $4 LIMIT $5',
      values: [1, 2, [3, 4], 5, 6],
    });
  });

  it('takes nothing for a part of its text that it has not made itself', () => {
    const where = (value: unknown) => sql`SELECT ${value}, ${sql`(${value})`}, ${join([value, value])}`;
    for (const value of LOOKALIKES) {
      const statement = where(value);
      expect(statement.text).toBe('SELECT $1, ($2), $3,$4');
      expect(statement.values).toHaveLength(4);
      for (const each of statement.values) expect(each).toBe(value);
    }
  });

  it('refuses names that are more than a name, however often they come', () => {
    raw('id; DROP TABLE users');
    for (let n = 0; n < 2; n += 1) {
      expect(() => identifier('id; DROP TABLE users')).toThrow('not an identifier');
      expect(() => isOneOf('id"', ['1'])).toThrow('not an identifier');
    }
    expect(identifier('users.id').text).toBe('users.id');
  });

  it('has the very same text as all of its shape, whatever their values', () => {
    const ask = (one: unknown, more: Statement) => sql`SELECT * FROM t WHERE a = ${one} ${more}`;
    const behind = (value: unknown) => sql`AND b > ${value}`;
    const texts = [ask(1, behind(2)), ask('x', behind(null)), ask([], behind({}))].map(({ text }) => text);
    for (const text of texts) expect(text).toBe('SELECT * FROM t WHERE a = $1 AND b > $2');
    expect(ask(1, empty).text).toBe('SELECT * FROM t WHERE a = $1 ');
  });

  it('tells apart by their places which of its parts are values', () => {
    const now = raw('now()');
    const pair = (one: unknown, other: unknown) => partsOf(sql`${one}, ${other}`);
    for (let n = 0; n < 2; n += 1) {
      expect(pair(now, 1)).toEqual({ text: 'now(), $1', values: [1] });
      expect(pair(1, now)).toEqual({ text: '$1, now()', values: [1] });
      expect(pair(now, now)).toEqual({ text: 'now(), now()', values: [] });
      expect(pair(1, 2)).toEqual({ text: '$1, $2', values: [1, 2] });
      expect(pair(sql`${1} + ${2}`, 3)).toEqual({ text: '$1 + $2, $3', values: [1, 2, 3] });
    }
  });

  it('keeps its values when the list that they came from changes', () => {
    const list = [1, 2];
    const joined = join(list);
    list[0] = 9;
    expect(partsOf(joined)).toEqual({ text: '$1,$2', values: [1, 2] });
    joined.values[0] = 9;
    expect(joined.values).toEqual([1, 2]);
    expect(() => join([])).toThrow('nothing to join');
  });

  it('is planned each time where that is said of it, and nowhere else', () => {
    const ask = () => sql`SELECT 1`;
    const marked = planEachTime(ask());
    expect([marked.isPlannedEachTime, ask().isPlannedEachTime]).toEqual([true, false]);
    expect(partsOf(marked)).toEqual(partsOf(ask()));
    const valued = planEachTime(sql`SELECT ${1}`);
    expect({ ...partsOf(valued), isPlannedEachTime: valued.isPlannedEachTime }).toEqual({
      text: 'SELECT $1',
      values: [1],
      isPlannedEachTime: true,
    });
  });

  it('stays right when more texts have come by than are remembered', () => {
    const ask = (name: string, value: number) => partsOf(sql`SELECT ${raw(name)} WHERE a = ${value}`);
    const early = raw('early');
    for (let n = 0; n < 30_000; n += 1) {
      const { text, values } = ask(`name_${n}`, n);
      if (text !== `SELECT name_${n} WHERE a = $1` || values[0] !== n) throw new Error(`${text} of ${n}`);
    }
    expect(ask('early', 1)).toEqual({ text: 'SELECT early WHERE a = $1', values: [1] });
    expect(partsOf(sql`${early} ${2}`)).toEqual({ text: 'early $1', values: [2] });
  });

  it('says what its fragments say, however they nest', () => {
    // Call sites that each have fragments and values in ever other places, against what it comes to by hand.
    type Written = { readonly statement: Statement; readonly text: string; readonly values: readonly unknown[] };
    const value = fc.anything().map((it): Written => ({ statement: sql`${it}`, text: '?', values: [it] }));
    const constant = fc
      .constantFrom('now()', 'NULL', 'a.b', '')
      .map((text): Written => ({ statement: raw(text), text, values: [] }));
    const of = (statement: Statement, text: string, ...parts: Written[]): Written => ({
      statement,
      text,
      values: parts.flatMap(({ values }) => values),
    });
    const { written } = fc.letrec<{ written: Written }>((tie) => ({
      written: fc.oneof(
        { maxDepth: 4 },
        value,
        constant,
        tie('written').map((a) => of(sql`(${a.statement})`, `(${a.text})`, a)),
        fc
          .tuple(tie('written'), tie('written'))
          .map(([a, b]) => of(sql`${a.statement} = ${b.statement}`, `${a.text} = ${b.text}`, a, b)),
        fc
          .array(tie('written'), { minLength: 1, maxLength: 4 })
          .map((all) => of(join(all.map(({ statement }) => statement)), all.map(({ text }) => text).join(), ...all)),
      ),
    }));
    const numbered = (text: string) => {
      let place = 0;
      return text.replaceAll('?', () => `$${++place}`);
    };
    fc.assert(
      fc.property(written, ({ statement, text, values }) => {
        expect(statement.text).toBe(numbered(text));
        expect(statement.values).toEqual(values);
      }),
    );
  });
});
