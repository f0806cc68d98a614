import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compileRuleset,
  type CompiledRuleset,
  evaluate,
  evaluateAll,
  problemOf,
  type RulesetChange,
  updateRuleset,
} from '../src/index.ts';
import { type Entry, flagOf, flagWhen, NOW, rulesetOf, segmentOf } from './build.ts';
import { changeArbitrary, graphArbitrary } from './graph.ts';

const CONTEXTS: readonly Entry[] = [{}, { targetingKey: 'ann' }, { x: 1 }];

/** What is said of every flag, by its key. */
function sayAll(compiled: CompiledRuleset): Entry {
  const keys = [...compiled.flags.keys()].toSorted();
  return Object.fromEntries(
    keys.map((key) => {
      const answers = CONTEXTS.map((context) => evaluate(compiled, key, context, null, NOW));
      return [key, [problemOf(compiled, key), answers]];
    }),
  );
}

function applied(entries: unknown, change: Entry): Entry {
  const next = Object.entries({ ...(entries as Entry), ...change });
  return Object.fromEntries(next.filter(([, entry]) => entry !== null));
}

const changeOf = (version: number, flags: Entry = {}, segments: Entry = {}): RulesetChange =>
  ({ version, flags, segments }) as unknown as RulesetChange;

describe('a ruleset after changes', () => {
  it('answers as one compiled from the whole, and those before answer as they did', () => {
    fc.assert(
      fc.property(
        graphArbitrary,
        fc.array(fc.tuple(changeArbitrary, fc.boolean()), { maxLength: 5 }),
        (ruleset, changes) => {
          let all = { flags: ruleset['flags'], segments: ruleset['segments'] };
          let compiled = compileRuleset(ruleset);
          const before: (readonly [CompiledRuleset, Entry])[] = [];
          for (const [{ flags, segments }, isRead] of changes) {
            // Whether flags have been read before a change decides what it finds compiled.
            if (isRead) before.push([compiled, sayAll(compiled)]);
            compiled = updateRuleset(compiled, changeOf(compiled.version + 1, flags, segments));
            all = { flags: applied(all.flags, flags), segments: applied(all.segments, segments) };
          }
          expect(sayAll(compiled)).toStrictEqual(sayAll(compileRuleset({ ...ruleset, ...all })));
          expect(compiled.version).toBe(9 + changes.length);
          for (const [old, said] of before) expect(sayAll(old)).toStrictEqual(said);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('takes any content of a change without throwing', () => {
    const compiled = compileRuleset(rulesetOf([flagOf()]));
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.anything(), (flag, flags, segments) => {
        sayAll(updateRuleset(compiled, changeOf(10, { f: flag, g: flag }, { s: flag })));
        sayAll(updateRuleset(compiled, { version: 10, flags, segments } as RulesetChange));
      }),
      { numRuns: 300 },
    );
    expect(evaluate(compiled, 'f', {}, null, NOW).variant).toBe('off');
  });

  it('has the version, epoch and seals of the change', () => {
    const seal = { view: 'server', version: 9, root: 'r1', signature: 's1', keyId: 'k1' } as const;
    const compiled = compileRuleset({ ...rulesetOf([]), seals: [seal] });
    expect(compiled).toMatchObject({ epoch: 'e1', version: 9, environment: 'test' });
    expect(compiled.seals).toEqual([seal]);
    const next = updateRuleset(compiled, { version: 10, seals: [{ ...seal, root: 'r2' }] });
    expect(next).toMatchObject({ epoch: 'e1', version: 10, environment: 'test' });
    expect(next.seals).toEqual([{ ...seal, root: 'r2' }]);
    // Another state has other signatures, or none.
    expect(updateRuleset(next, { version: 11 }).seals).toBeUndefined();
    expect(updateRuleset(next, { version: 0, epoch: 'e2' })).toMatchObject({ epoch: 'e2', version: 0 });
    expect(compiled.seals).toEqual([seal]);
  });
});

describe('a change of one entry', () => {
  const needs = (key: string, flag: string): Entry =>
    flagOf({ key, prerequisites: [{ flag, variations: ['off'] }], fallthrough: { variation: 'on' } });
  const value = { list: [1] };
  const flags = [
    needs('far', 'near'),
    needs('near', 'changed'),
    flagOf({ key: 'changed' }),
    flagWhen({ segment: 'outer' }, { key: 'in-outer' }),
    flagWhen({ segment: 'inner' }, { key: 'in-inner' }),
    flagWhen({ segment: 'other' }, { key: 'in-other' }),
    needs('on-segment', 'in-inner'),
    flagOf({ key: 'object', type: 'object', variations: [{ name: 'off', value }] }),
    flagOf({ key: 'plain' }),
  ];
  const segments = [
    segmentOf({ key: 'outer', rules: [{ segment: 'inner' }] }),
    segmentOf({ key: 'inner', include: ['ann'] }),
    segmentOf({ key: 'other', include: ['ann'] }),
  ];
  const before = compileRuleset(rulesetOf(flags, segments));
  const keys = [...before.flags.keys()];
  const readyOf = ({ flags: { ready, slots } }: CompiledRuleset, key: string) => ready[slots.get(key)!];
  const read = (compiled: CompiledRuleset, key: string) => evaluate(compiled, key, {}, null, NOW);
  const served = new Map(keys.map((key) => [key, read(before, key)]));

  /** The flags that an update compiles again; all others keep their entry and what they serve. */
  function recompiled(change: RulesetChange): readonly string[] {
    const after = updateRuleset(before, change);
    const again = keys.filter((key) => readyOf(after, key) !== readyOf(before, key));
    for (const key of keys) {
      const isShared = read(after, key) === served.get(key);
      expect([key, isShared]).toStrictEqual([key, !again.includes(key)]);
    }
    return again;
  }

  it('compiles again that flag and those that depend on it, near and far', () => {
    expect(recompiled(changeOf(10, { changed: flagOf({ key: 'changed', version: 10 }) }))).toStrictEqual([
      'far',
      'near',
      'changed',
    ]);
    expect(recompiled(changeOf(10, { plain: flagOf({ key: 'plain', version: 10 }) }))).toStrictEqual(['plain']);
  });

  it('compiles again the flags that a changed segment reaches', () => {
    const inner = segmentOf({ key: 'inner', version: 10 });
    expect(recompiled(changeOf(10, {}, { inner }))).toStrictEqual(['in-outer', 'in-inner', 'on-segment']);
    const outer = segmentOf({ key: 'outer', version: 10 });
    expect(recompiled(changeOf(10, {}, { outer }))).toStrictEqual(['in-outer']);
  });

  it('compiles nothing again when nothing of it is here', () => {
    expect(recompiled(changeOf(10))).toStrictEqual([]);
    expect(recompiled(changeOf(10, { brand: flagOf({ key: 'brand' }), gone: null }, { gone: null }))).toStrictEqual([]);
  });

  it('compiles no flag before it is read', () => {
    const compiled = compileRuleset(rulesetOf(flags, segments));
    const ready = (ruleset: CompiledRuleset) => keys.filter((key) => readyOf(ruleset, key) !== undefined);
    expect(ready(compiled)).toStrictEqual([]);
    read(compiled, 'plain');
    expect(ready(compiled)).toStrictEqual(['plain']);
    expect(ready(updateRuleset(compiled, changeOf(10)))).toStrictEqual(['plain']);
  });

  it('keeps the identity of a served value, even of a flag that depends on what changed', () => {
    const change = changeOf(10, { object: { ...flags[7], version: 10 } });
    const after = updateRuleset(before, change);
    expect(read(after, 'object')).not.toBe(served.get('object'));
    expect(read(after, 'object').value).toBe(served.get('object')?.value);
  });

  it('heals what it broke', () => {
    const broken = updateRuleset(before, changeOf(10, {}, { inner: null }));
    expect(problemOf(broken, 'in-outer')).toBe('SEGMENT');
    expect(read(broken, 'on-segment')).toMatchObject({ reason: 'PREREQUISITE_FAILED', errorCode: 'PARSE_ERROR' });
    const inner = segmentOf({ key: 'inner', include: ['ann'] });
    const healed = updateRuleset(broken, changeOf(11, {}, { inner }));
    for (const key of keys) expect(read(healed, key)).toStrictEqual(served.get(key));
    // The ruleset in between stays as it was.
    expect(problemOf(broken, 'in-outer')).toBe('SEGMENT');
  });

  it('of a flag that was missing makes a prerequisite of it', () => {
    const lonely = compileRuleset(rulesetOf([needs('f', 'late')]));
    expect(read(lonely, 'f')).toMatchObject({ reason: 'PREREQUISITE_FAILED', errorCode: 'FLAG_NOT_FOUND' });
    const after = updateRuleset(lonely, changeOf(10, { late: flagOf({ key: 'late' }) }));
    expect(read(after, 'f')).toMatchObject({ variant: 'on', reason: 'DEFAULT' });
  });
});

describe('versions made from one another', () => {
  const keysOf = (compiled: CompiledRuleset) => [...compiled.flags.keys()];
  const base = compileRuleset(rulesetOf([flagOf({ key: 'a' }), flagOf({ key: 'b' })]));

  it('do not see what each other added or took out', () => {
    const one = updateRuleset(base, changeOf(10, { c: flagOf({ key: 'c' }), a: null }));
    const two = updateRuleset(base, changeOf(10, { d: flagOf({ key: 'd' }), b: null }));
    const back = updateRuleset(one, changeOf(11, { a: flagOf({ key: 'a' }) }));
    expect([base, one, two, back].map((compiled) => [compiled.flags.size, keysOf(compiled)])).toStrictEqual([
      [2, ['a', 'b']],
      [2, ['b', 'c']],
      [2, ['a', 'd']],
      [3, ['a', 'b', 'c']],
    ]);
    expect(two.flags.has('c')).toBe(false);
    expect(Object.keys(evaluateAll(two, {}, NOW))).toStrictEqual(['a', 'd']);
    expect(evaluate(two, 'c', {}, null, NOW).errorCode).toBe('FLAG_NOT_FOUND');
    expect(evaluate(one, 'c', {}, null, NOW).variant).toBe('off');
  });

  it('give up the places of keys that are long gone', () => {
    let compiled = base;
    for (let version = 10; version < 3000; version++) {
      const gone = `preview-${version - 1}`;
      const key = `preview-${version}`;
      compiled = updateRuleset(compiled, changeOf(version, { [gone]: null, [key]: flagOf({ key }) }));
    }
    expect(keysOf(compiled)).toStrictEqual(['a', 'b', 'preview-2999']);
    expect(compiled.flags.slots.size).toBeLessThan(1100);
    expect(evaluate(compiled, 'preview-2999', {}, null, NOW).variant).toBe('off');
  });

  it('keep nothing of changes without end that nobody keeps', () => {
    const held = compileRuleset(rulesetOf([flagOf({ key: 'a' })]));
    for (let attempt = 0; attempt < 30; attempt++) {
      const keys = Array.from({ length: attempt === 9 ? 5000 : 100 }, (_, index) => `hostile-${attempt}-${index}`);
      const refused = updateRuleset(held, changeOf(10, Object.fromEntries(keys.map((key) => [key, flagOf({ key })]))));
      expect(keysOf(refused)).toStrictEqual(['a', ...keys]);
      expect(evaluate(refused, keys[0]!, {}, null, NOW).variant).toBe('off');
    }
    expect(held.flags.slots.size).toBeLessThan(1100);
    expect(keysOf(held)).toStrictEqual(['a']);
  });
});
