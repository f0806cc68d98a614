import { describe, expect, it } from 'vitest';
import { type Bucketer, compileRuleset, evaluate, nextChangeAt, problemOf, updateRuleset } from '../src/index.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, rulesetOf, splitOf } from './build.ts';

const split = (bucketer: string, parts: Entry = {}): Entry => flagServing(splitOf(50, { total: 100, bucketer }), parts);
const read = (flag: Entry, bucketers?: Readonly<Record<string, Bucketer>>) => {
  const compiled = compileRuleset(rulesetOf([flag]), bucketers && { bucketers });
  const { value, errorCode } = evaluate(compiled, 'f', { targetingKey: 'ann' }, true, NOW);
  return [value, errorCode, problemOf(compiled, 'f')];
};

describe('another bucketer', () => {
  it('is asked with salt, unit and total, and decides', () => {
    const asked: unknown[] = [];
    const fixed =
      (bucket: number): Bucketer =>
      (...question) => {
        asked.push(question);
        return bucket;
      };
    expect(read(split('mine', { salt: 'pepper' }), { mine: fixed(49) })).toStrictEqual([true, undefined, undefined]);
    expect(read(split('mine'), { mine: fixed(50) })).toStrictEqual([false, undefined, undefined]);
    expect(asked).toStrictEqual([
      ['pepper', 'ann', 100],
      ['f', 'ann', 100],
    ]);
  });

  it('decides ranges and progresses too', () => {
    const bucketers = { mine: () => 7 };
    const range = { bucket: { salt: 's', bucketer: 'mine', from: 7, to: 8 } };
    expect(read(flagWhen(range), bucketers)).toStrictEqual([true, undefined, undefined]);
    const points = [
      ['2026-01-05T00:00:00Z', 0],
      ['2026-01-06T00:00:00Z', 24],
    ];
    const progress = flagServing({ progress: { from: 'off', to: 'on', points, total: 24, bucketer: 'mine' } });
    expect(read(progress, bucketers)).toStrictEqual([true, undefined, undefined]);
    const compiled = compileRuleset(rulesetOf([progress]), { bucketers });
    const start = Date.UTC(2026, 0, 5);
    expect(nextChangeAt(compiled, start, { targetingKey: 'ann' })).toBe(start + 8 * 3_600_000);
  });

  it('that nobody gave breaks the flag, and is never replaced by the built-in one', () => {
    for (const name of ['mine', 'toString', '__proto__', 'constructor', 'xxh32']) {
      expect(read(split(name))).toStrictEqual([true, 'PARSE_ERROR', 'BUCKETER']);
      expect(read(split(name), { other: () => 0 })).toStrictEqual([true, 'PARSE_ERROR', 'BUCKETER']);
    }
  });

  it('may be named like a member of the prototype', () => {
    const bucketers = Object.fromEntries([['__proto__', () => 99]]);
    expect(read(split('__proto__'), bucketers)).toStrictEqual([false, undefined, undefined]);
  });

  it('that throws is the read’s error, not the caller’s crash', () => {
    const mine = (): never => {
      throw new Error('no');
    };
    expect(read(split('mine'), { mine })).toStrictEqual([true, 'GENERAL', undefined]);
  });

  it.each([-1, 100, 1.5, Number.NaN, Infinity])('that gives what is no bucket, as %d, has failed', (bucket) => {
    expect(read(split('mine'), { mine: () => bucket })).toStrictEqual([true, 'GENERAL', undefined]);
  });

  it('that fails does not stop the search for the next change', () => {
    const points = [['2027-01-01T00:00:00Z', 1]];
    const progress = { from: 'off', to: 'on', points, bucketer: 'mine' };
    const time = { from: '2026-06-01T00:00:00Z' };
    const flags = [flagServing({ progress }), flagWhen({ time }, { key: 'g' })];
    const mine = (): never => {
      throw new Error('no');
    };
    const compiled = compileRuleset(rulesetOf(flags), { bucketers: { mine } });
    expect(nextChangeAt(compiled, NOW, { targetingKey: 'ann' })).toBe(Date.UTC(2026, 5, 1));
  });

  it('is still there after an update', () => {
    const compiled = compileRuleset(rulesetOf([]), { bucketers: { mine: () => 0 } });
    const flags = { f: split('mine') } as never;
    const updated = updateRuleset(compiled, { version: 10, flags });
    expect(evaluate(updated, 'f', { targetingKey: 'ann' }, false, NOW).value).toBe(true);
  });

  it('is not asked when there is no unit', () => {
    const compiled = compileRuleset(rulesetOf([split('mine'), flagOf({ key: 'g' })]), {
      bucketers: {
        mine: () => {
          throw new Error('asked');
        },
      },
    });
    expect(evaluate(compiled, 'f', {}, true, NOW).errorCode).toBe('TARGETING_KEY_MISSING');
  });
});
