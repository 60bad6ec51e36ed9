import { AnswerTags } from '../../src/graphql/answer-tags';
import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { defineLoader } from '../../src/graphql/loader-scope';
import type { Database } from '../../src/platform/postgres/database';

const database = { during: () => database, rows: async () => [] } as unknown as Database;
const named = defineLoader<string, string>({
  batch: async (_, keys) => keys,
  tags: (key, value) => [key, `of ${value}`],
});
const nameless = defineLoader<string, string>({ batch: async (_, keys) => keys });
const hidden = defineLoader<string, string>({ batch: async (_, keys) => keys, tags: () => null });
const failing = defineLoader<string, string>({ batch: async (_, keys) => keys.map(() => new Error()), tags: () => [] });
const reading = defineLoader<string, string>({
  batch: async ({ db }, keys) => {
    await db.rows({} as never);
    return keys;
  },
  tags: (key) => [key],
});

function open() {
  const context = new RequestContext(database, nobody('request'));
  const tags = new AnswerTags();
  context.loaders.tags = tags;
  return { context, tags };
}

describe('what an answer is made of', () => {
  it('is named by the loaders, for what they read and for what pages have brought along', async () => {
    const { context, tags } = open();
    await Promise.all([context.loaders.load(named, 'a'), context.loaders.load(reading, 'r')]);
    context.loaders.prime(named, 'b', 'B');
    expect(tags.all).toEqual(expect.arrayContaining(['a', 'of a', 'b', 'of B', 'r']));
  });

  it.each([
    ['by a loader without tags', nameless],
    ['by a loader that cannot tell', hidden],
    ['by a loader that fails', failing],
  ])('cannot be told when something is read %s', async (_how, loader) => {
    const { context, tags } = open();
    await context.loaders.load(loader, 'a').catch(() => {});
    expect(tags.all).toBeNull();
  });

  it('cannot be told when something is read past the loaders', async () => {
    const { context, tags } = open();
    await context.db.rows({} as never);
    expect(tags.all).toBeNull();
  });
});
