import { nobody } from '../../src/graphql/caller';
import { type Companion, Companions } from '../../src/graphql/companions';
import { RequestContext } from '../../src/graphql/context';
import { type LoaderContext, LoaderScope } from '../../src/graphql/loader-scope';
import { RowExtent } from '../../src/graphql/row-extent';
import type { EntityCopies } from '../../src/platform/cache/entity-copies';
import { sql } from '../../src/platform/postgres/sql';
import { NO_DATABASE } from '../support/bare-schema';

interface Thing {
  readonly id: string;
}

const COPIES = {} as EntityCopies;

function contextOf(asked: ReadonlySet<string>, cache: EntityCopies | null = null): LoaderContext {
  const context = new RequestContext(NO_DATABASE, nobody('request', 'http'));
  return {
    db: context.db,
    viewer: null,
    cache,
    loaders: new LoaderScope({} as LoaderContext),
    asked,
    asks: (field) => asked.has(field),
    leavesOut: (field) => !asked.has(field),
  };
}

function companion(name: string, more: Partial<Companion<never>> = {}): Companion<never> {
  return { serves: [`Thing.${name}`], columns: () => sql`${name}`, prime: () => {}, ...more };
}

describe('what comes along with rows', () => {
  const size = companion('size');
  const mark = companion('mark', { besideCopies: companion('ownMark') });
  const color = companion('color', { besideCopies: null });
  const BOTH = new Set(['Thing.size', 'Thing.mark']);
  let things: Companions<Thing>;

  const takenBy = async (context: LoaderContext, ...except: Companion<never>[]) => {
    let taken: unknown[] = [];
    await things.read(
      context,
      async (along) => {
        taken = along.columns('t').values;
        return [];
      },
      ...except,
    );
    return taken;
  };

  beforeEach(() => {
    things = new Companions<Thing>(new RowExtent<Thing>({}));
    for (const each of [size, mark, color]) things.add(each);
  });

  it('is what a document asks for, each time it is run', async () => {
    for (let n = 0; n < 2; n += 1) {
      expect(await takenBy(contextOf(BOTH))).toEqual(['size', 'mark']);
      expect(await takenBy(contextOf(new Set(['Thing.color'])))).toEqual(['color']);
      expect(await takenBy(contextOf(new Set()))).toEqual([]);
    }
  });

  it('differs where copies of rows are kept, also for the same document', async () => {
    const all = new Set([...BOTH, 'Thing.color']);
    for (let n = 0; n < 2; n += 1) {
      expect(await takenBy(contextOf(all))).toEqual(['size', 'mark', 'color']);
      expect(await takenBy(contextOf(all, COPIES))).toEqual(['size', 'ownMark']);
    }
  });

  it('leaves out what is at hand, and only there', async () => {
    for (let n = 0; n < 2; n += 1) {
      expect(await takenBy(contextOf(BOTH), mark)).toEqual(['size']);
      expect(await takenBy(contextOf(BOTH))).toEqual(['size', 'mark']);
      expect(await takenBy(contextOf(BOTH, COPIES), size)).toEqual(['ownMark']);
    }
  });

  it('is told of companions that are added later', async () => {
    expect(await takenBy(contextOf(BOTH))).toEqual(['size', 'mark']);
    things.add(companion('weight', { serves: ['Thing.size'] }));
    expect(await takenBy(contextOf(BOTH))).toEqual(['size', 'mark', 'weight']);
  });
});
