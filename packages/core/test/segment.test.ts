import { describe, expect, it } from 'vitest';
import { compileRuleset, evaluate, EXTERNAL_SEGMENTS, problemOf } from '../src/index.ts';
import { type Entry, flagWhen, isMatch, NOW, problemWith, rulesetOf, segmentOf } from './build.ts';

const IN = { segment: 's' };
const pro = { attr: 'plan', op: 'eq', values: ['pro'] };
const isMember = (segment: Entry, context = {}, others: readonly Entry[] = []): boolean =>
  isMatch(IN, context, NOW, [segmentOf(segment), ...others]);

describe('membership of a segment', () => {
  it('asks for exclude, then include, then any of the rules', () => {
    const segment = { include: ['ann', 'bob'], exclude: ['bob', 'cid'], rules: [pro, { attr: 'vip', op: 'exists' }] };
    expect(isMember(segment, { targetingKey: 'ann' })).toBe(true);
    expect(isMember(segment, { targetingKey: 'bob', plan: 'pro' })).toBe(false);
    expect(isMember(segment, { targetingKey: 'cid', plan: 'pro' })).toBe(false);
    expect(isMember(segment, { targetingKey: 'dan' })).toBe(false);
    expect(isMember(segment, { targetingKey: 'dan', plan: 'pro' })).toBe(true);
    expect(isMember(segment, { vip: 1 })).toBe(true);
    expect(isMember(segment, {})).toBe(false);
  });

  it('is nobody’s without lists and rules', () => {
    expect(isMember({}, { targetingKey: 'ann' })).toBe(false);
  });

  it('reads the unit that by names', () => {
    const segment = { include: ['acme', '42'], exclude: ['evil'], by: 'org.id', rules: [pro] };
    expect(isMember(segment, { targetingKey: 'acme' })).toBe(false);
    expect(isMember(segment, { org: { id: 'acme' } })).toBe(true);
    expect(isMember(segment, { org: { id: 42 } })).toBe(true);
    expect(isMember(segment, { org: { id: 'evil' }, plan: 'pro' })).toBe(false);
  });

  it('is two-valued: who is not in is out, whatever is missing', () => {
    for (const context of [{}, { plan: 1 }, { targetingKey: 'ann' }]) {
      expect(isMember({ include: ['bob'], rules: [pro] }, context)).toBe(false);
      const segments = [segmentOf({ include: ['bob'], rules: [pro] })];
      expect(isMatch({ not: IN }, context, NOW, segments)).toBe(true);
      expect(isMatch({ not: { not: IN } }, context, NOW, segments)).toBe(false);
    }
    expect(isMatch({ not: IN }, { plan: 'pro' }, NOW, [segmentOf({ rules: [pro] })])).toBe(false);
  });

  it('may ask for other segments, also negated', () => {
    const others = [segmentOf({ key: 't', include: ['ann'] })];
    expect(isMember({ rules: [{ segment: 't' }] }, { targetingKey: 'ann' }, others)).toBe(true);
    expect(isMember({ rules: [{ segment: 't' }] }, { targetingKey: 'bob' }, others)).toBe(false);
    expect(isMember({ rules: [{ not: { segment: 't' } }] }, { targetingKey: 'bob' }, others)).toBe(true);
    expect(isMember({ rules: [{ not: { segment: 't' } }] }, {}, others)).toBe(true);
  });

  it('may be a share of all units', () => {
    const half = { rules: [{ bucket: { salt: 'half', from: 0, to: 50_000 } }] };
    const units = Array.from({ length: 10_000 }, (_, index) => `user-${index}`);
    const inside = units.filter((targetingKey) => isMember(half, { targetingKey })).length;
    // Five standard deviations around one half.
    expect(Math.abs(inside - 5000)).toBeLessThan(250);
    expect(isMember(half, {})).toBe(false);
  });
});

describe('an external segment', () => {
  const read = (context: Entry, segment: Entry = { external: true }): boolean => isMember(segment, context);

  it('holds when the context lists it', () => {
    expect(read({ [EXTERNAL_SEGMENTS]: ['other', 's'] })).toBe(true);
    expect(read({ [EXTERNAL_SEGMENTS]: ['other'] })).toBe(false);
    expect(read({ [EXTERNAL_SEGMENTS]: [] })).toBe(false);
    expect(read({})).toBe(false);
  });

  it('is two-valued like any other', () => {
    expect(isMatch({ not: IN }, {}, NOW, [segmentOf({ external: true })])).toBe(true);
    expect(isMatch({ not: IN }, { [EXTERNAL_SEGMENTS]: ['s'] }, NOW, [segmentOf({ external: true })])).toBe(false);
  });

  it('has no members of its own', () => {
    for (const parts of [{ include: ['a'] }, { exclude: ['a'] }, { rules: [pro] }]) {
      expect(problemWith(flagWhen(IN), [segmentOf({ external: true, ...parts })])).toBeTypeOf('string');
    }
  });

  it('is an ordinary one when external is false', () => {
    expect(read({ plan: 'pro' }, { external: false, rules: [pro] })).toBe(true);
  });
});

describe('a segment that cannot be used', () => {
  const to = (...keys: readonly string[]) => ({ rules: [{ any: keys.map((segment) => ({ segment })) }] });

  it.each<readonly [what: string, segments: readonly Entry[]]>([
    ['that is missing', []],
    ['that is no object', [{ ...segmentOf(), key: 's', rules: 5 }]],
    ['with an unknown member', [segmentOf({ name: 'x' })]],
    ['with a list that is none', [segmentOf({ include: 'ann' })]],
    ['with a null list', [segmentOf({ exclude: null })]],
    ['with units that are no text', [segmentOf({ include: [1] })]],
    ['without a digest', [segmentOf({ digest: undefined })]],
    ['with a broken rule', [segmentOf({ rules: [{ attr: 'x', op: 'like', values: ['a'] }] })]],
    ['with an empty by', [segmentOf({ by: '' })]],
    ['that refers to itself', [segmentOf(to('s'))]],
    ['that refers to a missing one', [segmentOf(to('t'))]],
    ['that refers to a broken one', [segmentOf(to('t')), segmentOf({ key: 't', by: 5 })]],
    ['in a cycle', [segmentOf(to('t')), segmentOf({ key: 't', ...to('u') }), segmentOf({ key: 'u', ...to('s') })]],
    ['that leads to a cycle', [segmentOf(to('t')), segmentOf({ key: 't', ...to('t') })]],
  ])('%s breaks the flags that refer to it, and no other', (_, segments) => {
    const flags = [flagWhen(IN), flagWhen({ not: IN }, { key: 'not' }), flagWhen({ all: [] }, { key: 'free' })];
    const compiled = compileRuleset(rulesetOf(flags, segments));
    expect(problemOf(compiled, 'f')).toBe('SEGMENT');
    expect(problemOf(compiled, 'not')).toBe('SEGMENT');
    expect(evaluate(compiled, 'not', {}, true, NOW)).toMatchObject({ value: true, errorCode: 'PARSE_ERROR' });
    expect(evaluate(compiled, 'free', {}, null, NOW).variant).toBe('on');
  });

  it('under another key than its own breaks the flag', () => {
    const ruleset = { ...rulesetOf([flagWhen(IN)]), segments: { s: segmentOf({ key: 't' }) } };
    expect(problemOf(compileRuleset(ruleset), 'f')).toBe('SEGMENT');
  });

  it('that nothing refers to harms nothing', () => {
    expect(problemWith(flagWhen({ all: [] }), [segmentOf({ by: 5 })])).toBeUndefined();
  });

  it('met twice over is a legal diamond', () => {
    const segments = [
      segmentOf(to('a', 'b')),
      segmentOf({ key: 'a', ...to('c') }),
      segmentOf({ key: 'b', ...to('c') }),
      segmentOf({ key: 'c', include: ['ann'] }),
    ];
    expect(isMatch(IN, { targetingKey: 'ann' }, NOW, segments)).toBe(true);
  });
});
