import { nobody } from '../../src/graphql/caller';
import { RequestContext } from '../../src/graphql/context';
import { defineLoader, type LoaderScope, whenAllFound, whenFound } from '../../src/graphql/loader-scope';
import { NO_DATABASE } from '../support/bare-schema';

let reads: string[][];
let release: () => void;
let held: Promise<void> | null;
const numbers = defineLoader<string, string>({
  async batch(_context, keys) {
    reads.push([...keys]);
    const read = reads.length;
    await held;
    return keys.map((key) => (key === 'broken' ? new Error('broken') : `${key} by read ${read}`));
  },
});

const open = (): LoaderScope => new RequestContext(NO_DATABASE, nobody('request', 'http')).loaders;

describe('what a page has brought along', () => {
  beforeEach(() => {
    reads = [];
    held = null;
  });

  it('is there at once, and nothing is read for it', () => {
    const loaders = open();
    loaders.prime(numbers, 'a', 'brought');
    expect(loaders.find(numbers, 'a')).toBe('brought');
    expect(whenFound(loaders.find(numbers, 'a'), (value) => value.length)).toBe(7);
    expect(whenAllFound([loaders.find(numbers, 'a'), 1], ([value, one]) => `${value} ${one}`)).toBe('brought 1');
    expect(reads).toEqual([]);
  });

  it('is the same for whoever waits for it', async () => {
    const loaders = open();
    loaders.prime(numbers, 'a', 'brought');
    expect(await Promise.all([loaders.load(numbers, 'a'), loaders.load(numbers, 'b')])).toEqual([
      'brought',
      'b by read 1',
    ]);
    expect(reads).toEqual([['b']]);
  });

  it('takes nothing the place of that is known or under way', async () => {
    const loaders = open();
    const underWay = loaders.find(numbers, 'a');
    loaders.prime(numbers, 'a', 'brought');
    expect(await underWay).toBe('a by read 1');
    loaders.prime(numbers, 'a', 'brought again');
    expect(loaders.find(numbers, 'a')).toBe('a by read 1');
  });

  it('stays as it was brought first', async () => {
    const loaders = open();
    loaders.prime(numbers, 'a', 'first');
    loaders.prime(numbers, 'b', 'of b');
    loaders.prime(numbers, 'a', 'second');
    expect(loaders.known(numbers, 'a')).toBe('first');
    loaders.prime(numbers, 'a', 'third');
    expect(loaders.find(numbers, 'a')).toBe('first');
    expect(loaders.known(numbers, 'b')).toBe('of b');
    expect(loaders.known(numbers, 'c')).toBeUndefined();
  });

  it('does not hide that reading failed', async () => {
    const loaders = open();
    await expect(loaders.load(numbers, 'broken')).rejects.toThrow('broken');
    loaders.prime(numbers, 'broken', 'brought');
    await expect(loaders.load(numbers, 'broken')).rejects.toThrow('broken');
  });

  it('is forgotten with a write, also what was under way then', async () => {
    const loaders = open();
    loaders.prime(numbers, 'a', 'before a write');
    loaders.clear();
    loaders.prime(numbers, 'a', 'before the next');
    held = new Promise((resolve) => {
      release = resolve;
    });
    expect(loaders.find(numbers, 'a')).toBe('before the next');
    const old = loaders.find(numbers, 'b');
    // The batch has begun.
    await new Promise((resolve) => setImmediate(resolve));
    loaders.clear();
    release();
    expect(await old).toBe('b by read 1');
    expect(await loaders.load(numbers, 'a')).toBe('a by read 2');
    expect(await loaders.load(numbers, 'b')).toBe('b by read 3');
  });

  it('fails for everybody where its reading failed', async () => {
    const loaders = open();
    await expect(loaders.load(numbers, 'broken')).rejects.toThrow('broken');
    await expect(loaders.load(numbers, 'broken')).rejects.toThrow('broken');
    expect(reads).toEqual([['broken']]);
  });
});
