import { AnswerTags } from '../../src/graphql/answer-tags';
import { defineLoader, type LoaderContext, LoaderScope } from '../../src/graphql/loader-scope';

let held: Map<string, string | null>;
let asked: string[];
let batches: (readonly string[])[];

const nameById = defineLoader<string, string | null>({
  async batch(_context, ids) {
    batches.push(ids);
    return ids.map((id) => `${id}, read`);
  },
  atHand(_context, id) {
    asked.push(id);
    return held.get(id);
  },
  tags: (id) => [`name:${id}`],
});

describe('a value that takes no reading', () => {
  let loaders: LoaderScope;

  beforeEach(() => {
    held = new Map([
      ['ada', 'Ada'],
      ['nobody', null],
    ]);
    asked = [];
    batches = [];
    loaders = new LoaderScope({} as LoaderContext);
  });

  it('is given at once, also where it says that there is none, and is the same for the whole request', async () => {
    expect(loaders.find(nameById, 'ada')).toBe('Ada');
    expect(loaders.find(nameById, 'nobody')).toBeNull();
    held.clear();
    expect(loaders.find(nameById, 'ada')).toBe('Ada');
    expect(await loaders.load(nameById, 'nobody')).toBeNull();
    expect([asked, batches]).toEqual([['ada', 'nobody'], []]);
  });

  it('does not differ from what is being read of it already', async () => {
    const reading = loaders.find(nameById, 'bob');
    held.set('bob', 'Bob');
    expect(await Promise.all([reading, loaders.find(nameById, 'bob')])).toEqual(['bob, read', 'bob, read']);
    expect(batches).toEqual([['bob']]);
  });

  it('is looked for again after a write', () => {
    expect(loaders.find(nameById, 'ada')).toBe('Ada');
    held.set('ada', 'Ada L.');
    loaders.clear();
    expect(loaders.find(nameById, 'ada')).toBe('Ada L.');
  });

  it('is told of where an answer is kept by what stands in it', () => {
    const tags = new AnswerTags();
    loaders.tags = tags;
    loaders.find(nameById, 'ada');
    expect(tags.all).toEqual(['name:ada']);
  });
});
