import { describe, expect, it } from 'vitest';
import { compileRuleset, externalSegmentsOf, updateRuleset } from '../src/index.ts';
import { type Entry, flagWhen, rulesetOf, segmentOf } from './build.ts';

const external = (key: string, parts: Entry = {}): Entry => segmentOf({ key, external: true, ...parts });
const flag = (key: string, segment: string, parts: Entry = {}): Entry => flagWhen({ segment }, { key, ...parts });

describe('the external segments of a ruleset', () => {
  const segments = [
    external('beta'),
    external('__proto__'),
    external('orgs', { by: 'org.id' }),
    external('behind'),
    external('unused'),
    segmentOf({ key: 'plain', rules: [{ any: [{ segment: 'behind' }] }] }),
    segmentOf({ key: 'not', external: false }),
  ];
  const flags = [
    flag('a', 'beta'),
    flag('b', 'plain'),
    flag('c', 'orgs', { prerequisites: [{ flag: 'a', variations: ['on'] }] }),
    flag('d', 'not'),
    flag('p', '__proto__'),
    flag('broken', 'unused', { off: 'nowhere' }),
  ];
  const ruleset = compileRuleset(rulesetOf(flags, segments));
  const of = (...keys: string[]): unknown => Object.fromEntries(externalSegmentsOf(ruleset, keys));

  it('are those that a sound flag depends on, by the unit they are about', () => {
    expect(externalSegmentsOf(ruleset)).toEqual(
      new Map([
        ['targetingKey', new Set(['beta', 'behind', '__proto__'])],
        ['org.id', new Set(['orgs'])],
      ]),
    );
    expect(externalSegmentsOf(ruleset)).toBe(externalSegmentsOf(ruleset));
  });

  it('are those of some flags alone, their prerequisites and segments included', () => {
    expect(of('a')).toEqual({ targetingKey: new Set(['beta']) });
    expect(of('b')).toEqual({ targetingKey: new Set(['behind']) });
    expect(of('c', 'a')).toEqual({ 'org.id': new Set(['orgs']), targetingKey: new Set(['beta']) });
    expect(of('d', 'broken', 'missing')).toEqual({});
  });

  it('follow a change', () => {
    const after = updateRuleset(ruleset, {
      version: 10,
      segments: { late: external('late', { by: 'org.id' }) as never, behind: segmentOf({ key: 'behind' }) as never },
      flags: { a: flag('a', 'late') as never },
    });
    expect(externalSegmentsOf(after)).toEqual(
      new Map([
        ['org.id', new Set(['late', 'orgs'])],
        ['targetingKey', new Set(['__proto__'])],
      ]),
    );
  });

  it('are none where entries are no segments', () => {
    const odd = { ...rulesetOf(flags), segments: { beta: null, plain: 'x', orgs: { external: 1 }, late: [true] } };
    expect(externalSegmentsOf(compileRuleset(odd)).size).toBe(0);
    expect(externalSegmentsOf(compileRuleset(null)).size).toBe(0);
  });
});
