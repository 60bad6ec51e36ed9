import { TaggedCache } from '../../src/platform/cache/tagged-cache';

const open = (maxBytes = 1_000_000) => {
  const dropped: string[] = [];
  const cache = new TaggedCache<string>({ maxBytes, onDrop: (value) => dropped.push(value) });
  const put = (key: string, tags: string[] = [], bytes = 100) => cache.put(key, key, bytes, tags, cache.moment());
  return { cache, put, dropped };
};

describe('a cache by tags', () => {
  it('drops what is made of what has changed, and keeps the rest', () => {
    const { cache, put, dropped } = open();
    put('a', ['x', 'y']);
    put('b', ['y', 'z']);
    put('c', ['z']);
    cache.purge(['x', 'unknown']);
    expect(dropped).toEqual(['a']);
    cache.purge(['z']);
    expect(dropped).toEqual(['a', 'b', 'c']);
    expect([cache.get('a'), cache.get('b'), cache.get('c'), cache.size]).toEqual([undefined, undefined, undefined, 0]);
  });

  it('does not take what was read before one of its tags was purged', () => {
    const { cache } = open();
    const since = cache.moment();
    cache.purge(['x']);
    expect(cache.put('a', 'a', 1, ['w', 'x'], since)).toBe(false);
    expect(cache.put('b', 'b', 1, ['w'], since)).toBe(true);
    expect(cache.put('a', 'a', 1, ['x'], cache.moment())).toBe(true);
  });

  it('does not take what was read before everything was purged', () => {
    const { cache } = open();
    const since = cache.moment();
    cache.clear();
    expect(cache.put('a', 'a', 1, ['x'], since)).toBe(false);
  });

  it('does not take what was read so long ago that purges have been forgotten', () => {
    const { cache } = open();
    const since = cache.moment();
    cache.purge(['x']);
    for (let i = 0; i < 10_001; i += 1) cache.purge([`other${i}`]);
    expect(cache.put('a', 'a', 1, ['x'], since)).toBe(false);
  });

  it('never takes more than its bytes, of whatever size the values are and however they grow', () => {
    const { cache, put } = open(100_000);
    for (let i = 0; i < 1_000; i += 1) {
      put(`key${i}`, [`tag${i % 7}`], (i * 37) % 4_000);
      cache.grow(`key${i}`, 500);
      expect(cache.size).toBeLessThanOrEqual(100_000);
    }
    expect(cache.size).toBeGreaterThan(80_000);
    expect(put('large', [], 50_000)).toBe(false);
  });

  it('keeps what is asked for again and again while ten times its size passes through', () => {
    const { cache, put } = open(100_000);
    for (let i = 0; i < 10; i += 1) put(`wanted${i}`);
    for (let i = 0; i < 2_000; i += 1) {
      put(`flood${i}`);
      if (i % 50 === 0) for (let j = 0; j < 10; j += 1) expect(cache.get(`wanted${j}`)).toBeDefined();
    }
  });

  it('remembers what was asked for once, and forgets that in the end', () => {
    const { cache } = open();
    expect([cache.wasAsked('a'), cache.wasAsked('a')]).toEqual([false, true]);
    for (let i = 0; i < 5_000; i += 1) cache.wasAsked(`other${i}`);
    expect(cache.wasAsked('a')).toBe(true);
    for (let i = 0; i < 25_000; i += 1) cache.wasAsked(`more${i}`);
    expect(cache.wasAsked('a')).toBe(false);
  });
});
