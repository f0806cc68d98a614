import { describe, expect, it } from 'vitest';
import { createChangelog } from '../src/changelog.ts';

describe('changelog', () => {
  it('names each key once that changed after a state', () => {
    const log = createChangelog({ version: 1, hash: 'a' });
    log.append({ version: 2, hash: 'b' }, { flags: ['x', 'y'], segments: [] });
    log.append({ version: 3, hash: 'c' }, { flags: ['x'], segments: ['s'] });
    expect(log.since({ version: 1, hash: 'a' })).toEqual({
      from: { version: 1, hash: 'a' },
      flags: new Set(['x', 'y']),
      segments: new Set(['s']),
    });
    expect(log.since({ version: 2, hash: 'b' })).toMatchObject({ flags: new Set(['x']), segments: new Set(['s']) });
  });

  it('resumes a version between two commits from the state it had', () => {
    const log = createChangelog({ version: 1, hash: 'a' });
    log.append({ version: 9, hash: 'b' }, { flags: ['x'], segments: [] });
    expect(log.since({ version: 5, hash: 'a' })).toMatchObject({
      from: { version: 1, hash: 'a' },
      flags: new Set(['x']),
    });
  });

  it('refuses a hash it never passed through', () => {
    const log = createChangelog({ version: 1, hash: 'a' });
    log.append({ version: 2, hash: 'b' }, { flags: ['x'], segments: [] });
    expect(log.since({ version: 1, hash: 'other' })).toBe('fork');
    expect(log.since({ version: 2, hash: 'other' })).toBe('fork');
  });

  it('takes in a history far beyond its limits in no time, and keeps the end of it', () => {
    const most = 250_000;
    const log = createChangelog({ version: most, hash: 'head' }, { commits: 3, keys: 4 });
    const long = Array.from({ length: most }, (_, index) => {
      const version = index + 1;
      return { version, hash: version === most ? 'head' : `h${version}`, flags: [`f${version}`], segments: ['s'] };
    });
    const start = performance.now();
    expect(log.learn(long)).toBe(true);
    // Taken off one by one it was ten times this.
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(log.commits().map(({ version, flags }) => [version, flags.length])).toEqual([
      [most - 2, 0],
      [most - 1, 1],
      [most, 1],
    ]);
  });

  it('forgets the oldest commits over its limit, and still resumes from the oldest state it keeps', () => {
    const log = createChangelog({ version: 1, hash: 'h1' }, { commits: 2, keys: 100 });
    for (let version = 2; version <= 5; version += 1) {
      log.append({ version, hash: `h${version}` }, { flags: [`f${version}`], segments: [] });
    }
    expect(log.since({ version: 2, hash: 'h2' })).toBe('evicted');
    expect(log.since({ version: 3, hash: 'h3' })).toMatchObject({ flags: new Set(['f4', 'f5']) });
  });

  it('bounds the keys it holds, over all commits', () => {
    const log = createChangelog({ version: 1, hash: 'h1' }, { commits: 100, keys: 3 });
    log.append({ version: 2, hash: 'h2' }, { flags: ['a', 'b'], segments: [] });
    log.append({ version: 3, hash: 'h3' }, { flags: ['c'], segments: [] });
    expect(log.since({ version: 1, hash: 'h1' })).toMatchObject({ flags: new Set(['a', 'b', 'c']) });
    log.append({ version: 4, hash: 'h4' }, { flags: ['d'], segments: ['e'] });
    expect(log.since({ version: 1, hash: 'h1' })).toBe('evicted');
    expect(log.since({ version: 2, hash: 'h2' })).toMatchObject({ flags: new Set(['c', 'd']) });
    // One commit that is larger than everything allowed leaves only its own state.
    log.append({ version: 5, hash: 'h5' }, { flags: ['a', 'b', 'c', 'd'], segments: [] });
    expect(log.since({ version: 4, hash: 'h4' })).toBe('evicted');
    expect(log.since({ version: 5, hash: 'h5' })).toMatchObject({ flags: new Set(), segments: new Set() });
  });

  it('starts anew after a reset', () => {
    const log = createChangelog({ version: 1, hash: 'a' });
    log.append({ version: 2, hash: 'b' }, { flags: ['x'], segments: [] });
    log.reset({ version: 1, hash: 'z' });
    expect(log.since({ version: 2, hash: 'b' })).toBe('fork');
    expect(log.since({ version: 1, hash: 'z' })).toMatchObject({ flags: new Set(), segments: new Set() });
  });
});
