import { describe, expect, it } from 'vitest';
import { compileRuleset, evaluate, problemOf } from '../src/index.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, problemWith, rulesetOf, segmentOf } from './build.ts';

const YES = { all: [] };

/** `leaf` under so many negations or groups. */
function nest(levels: number, leaf: unknown, wrap: (inner: unknown) => unknown = (inner) => ({ not: inner })): unknown {
  let condition = leaf;
  for (let level = 0; level < levels; level++) condition = wrap(condition);
  return condition;
}

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));

describe('the depth', () => {
  it('of conditions is at most 32', () => {
    for (const wrap of [(all: unknown) => ({ all: [all] }), (any: unknown) => ({ any: [any] }), undefined]) {
      expect(problemWith(flagWhen(nest(32, YES, wrap)))).toBeUndefined();
      expect(problemWith(flagWhen(nest(33, YES, wrap)))).toBe('LIMIT');
    }
  });

  it('of segments is at most 8 below the first', () => {
    const chain = (length: number): readonly Entry[] =>
      times(length, (at) => segmentOf({ key: `s${at}`, rules: [at + 1 < length ? { segment: `s${at + 1}` } : YES] }));
    expect(problemWith(flagWhen({ segment: 's0' }), chain(9))).toBeUndefined();
    expect(problemWith(flagWhen({ segment: 's0' }), chain(10))).toBe('SEGMENT');
    // The rest of too long a chain is sound.
    expect(problemWith(flagWhen({ segment: 's1' }), chain(10))).toBeUndefined();
  });

  it('of segments is found once for each nesting, however many refer to one that is too deep or too large', () => {
    let reads = 0;
    const counted = (key: string, rules: readonly unknown[]): Entry => ({
      ...segmentOf({ key }),
      get rules() {
        reads++;
        return rules;
      },
    });
    const large = counted('large', [nest(33, YES)]);
    const way = times(9, (at) => counted(`s${at}`, [{ segment: `s${at + 1}` }]));
    const referring = times(200, (at) => segmentOf({ key: `r${at}`, rules: [{ segment: at % 2 ? 'large' : 's0' }] }));
    const flags = referring.map(({ key }) => flagWhen({ segment: key }, { key }));
    const compiled = compileRuleset(rulesetOf(flags, [large, ...way, segmentOf({ key: 's9' }), ...referring]));
    const readings = flags.map(({ key }) => problemOf(compiled, String(key)));
    expect(readings).toStrictEqual(readings.map(() => 'SEGMENT'));
    // A few for each entry and nesting, where one for each reference would be two thousand.
    expect(reads).toBeLessThan(200);
  });

  it('of prerequisites is at most 256 flags, directly or not', () => {
    const chain = (length: number): readonly Entry[] =>
      times(length, (at) =>
        flagOf({ key: at ? `f${at}` : 'f', prerequisites: [{ flag: `f${at + 1}`, variations: [] }] }),
      );
    const ending = (length: number): unknown => {
      const [first = flagOf(), ...others] = chain(length);
      return problemWith(first, [], others);
    };
    expect(ending(256)).toBeUndefined();
    expect(ending(257)).toBe('LIMIT');
    const direct = (count: number): unknown =>
      problemWith(flagOf({ prerequisites: times(count, (at) => ({ flag: `p${at}`, variations: [] })) }));
    expect([direct(256), direct(257)]).toStrictEqual([undefined, 'LIMIT']);
  });

  it('of a value is at most 64 levels', () => {
    const valued = (levels: number): unknown => {
      const value = nest(levels, {}, (inner) => ({ inner }));
      return problemWith(flagOf({ type: 'object', variations: [{ name: 'off', value }] }));
    };
    expect([valued(64), valued(65)]).toStrictEqual([undefined, 'LIMIT']);
  });

  it('may be 100 000 levels of anything: that breaks the flag and nothing else', () => {
    for (const wrap of [(not: unknown) => ({ not }), (all: unknown) => ({ all: [all] }), (list: unknown) => [list]]) {
      const deep = nest(100_000, YES, wrap);
      const flags = [
        flagWhen(deep, { key: 'when' }),
        flagServing(deep, { key: 'serve' }),
        flagOf({ key: 'value', type: 'object', variations: [{ name: 'off', value: deep }] }),
        flagWhen({ attr: 'x', op: 'eq', values: [deep] }, { key: 'operand' }),
        flagWhen({ attr: [deep], op: 'exists' }, { key: 'attr' }),
        flagOf({ key: 'metadata', metadata: { deep } }),
        flagOf({ key: 'targets', targets: [deep] }),
        flagOf({ key: 'prerequisites', prerequisites: [deep] }),
        flagOf({ key: 'type', type: deep }),
        flagWhen({ segment: 's' }, { key: 'segment' }),
      ];
      const compiled = compileRuleset(rulesetOf([...flags, flagOf({ newer: deep })], [segmentOf({ rules: [deep] })]));
      for (const { key } of flags) expect(problemOf(compiled, String(key))).toBeTypeOf('string');
      // A member that is not known is not looked at.
      expect(evaluate(compiled, 'f', { x: deep, targetingKey: deep as string }, null, NOW).variant).toBe('off');
    }
    expect(compileRuleset(nest(100_000, {}, (flags) => ({ flags }))).invalid).toBe('FORMAT');
  });
});

describe('the steps of a read', () => {
  const clause = { attr: 'x', op: 'eq', values: [1] };

  it('are at most 10 000: conditions', () => {
    expect(problemWith(flagWhen({ any: times(9000, () => clause) }))).toBeUndefined();
    expect(problemWith(flagWhen({ any: times(10_000, () => clause) }))).toBe('LIMIT');
    expect(problemWith(flagWhen({ all: times(500_000, () => YES) }))).toBe('LIMIT');
  });

  it('count what is tried one by one, and not what is looked up', () => {
    const words = times(100_000, (at) => `word-${at}`);
    const found = (op: string, values: readonly unknown[]): unknown => problemWith(flagWhen({ attr: 'x', op, values }));
    expect(found('in', words)).toBeUndefined();
    expect(problemWith(flagOf({ targets: [{ variation: 'on', keys: words }] }))).toBeUndefined();
    expect(problemWith(flagWhen({ segment: 's' }), [segmentOf({ include: words, exclude: words })])).toBeUndefined();
    for (const op of ['startsWith', 'contains', 'endsWith']) {
      expect(found(op, words.slice(0, 9000))).toBeUndefined();
      expect(found(op, words)).toBe('LIMIT');
    }
    const patterns = times(101, (at) => `(a?){400}${at}`);
    expect(found('matches', patterns.slice(0, 90))).toBeUndefined();
    expect(found('matches', patterns)).toBe('LIMIT');
  });

  it('count slices, points and offsets', () => {
    const slices = times(20_000, (at) => ['on', at < 10_000 ? 10 : 0]);
    const from = '2026-01-01T00:00:00Z';
    const points = times(20_000, () => [from, 5]);
    const offsets = times(20_000, (at) => [at, 60]);
    expect(problemWith(flagServing({ split: { slices } }))).toBe('LIMIT');
    expect(problemWith(flagServing({ progress: { from: 'off', to: 'on', points } }))).toBe('LIMIT');
    expect(problemWith(flagWhen({ time: { offsets } }))).toBe('LIMIT');
    const fewer = { slices: slices.slice(0, 9000).with(0, ['on', 10 + 100_000 - 90_000]) };
    expect(problemWith(flagServing({ split: fewer }))).toBeUndefined();
  });

  it('stay few to compile with as many variations as slices', () => {
    const variations = times(9000, (at) => ({ name: `v${at}`, value: at }));
    const slices = [...variations.map(({ name }) => [name, 1]), ['v0', 91_000]];
    const rules = times(400, (at) => ({ id: `r${at}`, when: YES, serve: { variation: 'v8999' } }));
    const parts = { type: 'number', variations, off: 'v0', rules, fallthrough: { split: { slices } } };
    expect(problemWith(flagOf(parts))).toBeUndefined();
  });

  const diamonds = (levels: number, width: number): readonly Entry[] =>
    times(levels, (at) => {
      const rules = at + 1 < levels ? times(width, () => ({ segment: `s${at + 1}` })) : [YES];
      return segmentOf({ key: `s${at}`, rules });
    });

  it('count a segment as often as it is asked for, so that no tower of diamonds stands', () => {
    expect(problemWith(flagWhen({ segment: 's0' }), diamonds(8, 2))).toBeUndefined();
    expect(problemWith(flagWhen({ segment: 's0' }), diamonds(8, 8))).toBe('SEGMENT');
    expect(problemWith(flagWhen({ segment: 's0' }), diamonds(200, 2))).toBe('SEGMENT');
  });

  it('count a prerequisite as often too', () => {
    const flags = times(200, (at) =>
      flagOf({
        key: at ? `f${at}` : 'f',
        prerequisites: at < 199 ? times(2, () => ({ flag: `f${at + 1}`, variations: ['off'] })) : [],
      }),
    );
    const compiled = compileRuleset(rulesetOf(flags));
    // From below, the first that asks for too much is broken; what asks for that one has it for a prerequisite not met.
    expect(problemOf(compiled, 'f199')).toBeUndefined();
    const broken = [...compiled.flags.keys()].filter((key) => problemOf(compiled, key) === 'LIMIT');
    expect(broken.length).toBeGreaterThan(10);
    for (const key of compiled.flags.keys()) expect(evaluate(compiled, key, {}, null, NOW)).toBeDefined();
  });
});

describe('a name', () => {
  it('has 1 to 256 characters', () => {
    const named = (key: string): unknown => problemOf(compileRuleset(rulesetOf([flagOf({ key })])), key);
    expect(named('k'.repeat(256))).toBeUndefined();
    expect(named('k'.repeat(257))).toBeTypeOf('string');
    expect(named('')).toBeTypeOf('string');
    const variation = (name: string): unknown =>
      problemWith(flagOf({ variations: [{ name, value: true }], off: name }));
    expect(variation('k'.repeat(257))).toBeTypeOf('string');
    expect(variation('')).toBeTypeOf('string');
    for (const id of ['', 'r'.repeat(257)]) {
      expect(problemWith(flagOf({ rules: [{ id, when: YES, serve: { variation: 'on' } }] }))).toBeTypeOf('string');
    }
  });
});
