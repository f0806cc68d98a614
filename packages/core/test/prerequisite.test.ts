import { describe, expect, it } from 'vitest';
import { compileRuleset, evaluate, problemOf } from '../src/index.ts';
import { type Entry, flagOf, NOW, rulesetOf, splitOf } from './build.ts';

const needs = (key: string, ...others: readonly string[]): Entry =>
  flagOf({
    key,
    prerequisites: others.map((flag) => ({ flag, variations: ['on'] })),
    fallthrough: { variation: 'on' },
  });

const outcomes = (flags: readonly Entry[], context = {}): Entry => {
  const compiled = compileRuleset(rulesetOf(flags));
  return Object.fromEntries(
    flags.map((flag) => {
      const { variant, reason, errorCode } = evaluate(compiled, String(flag['key']), context, null, NOW);
      return [flag['key'], [variant, reason, errorCode].filter((part) => part !== undefined).join(' ')];
    }),
  );
};

describe('a prerequisite', () => {
  it('is met by a flag that is enabled and serves a listed variation', () => {
    const open = flagOf({ key: 'open', fallthrough: { variation: 'on' } });
    expect(outcomes([needs('f', 'open'), open])['f']).toBe('on DEFAULT');
  });

  it('is met by an off variation when it is listed and the flag is enabled', () => {
    const parts = { prerequisites: [{ flag: 'g', variations: ['off', 'other'] }], fallthrough: { variation: 'on' } };
    expect(outcomes([flagOf(parts), flagOf({ key: 'g' })])['f']).toBe('on DEFAULT');
    expect(outcomes([flagOf(parts), flagOf({ key: 'g', enabled: false })])['f']).toBe('off PREREQUISITE_FAILED');
  });

  it('is not met by another variation, and that is no error', () => {
    expect(outcomes([needs('f', 'g'), flagOf({ key: 'g' })])['f']).toBe('off PREREQUISITE_FAILED');
  });

  it('is not met by a missing or broken flag, and says so', () => {
    expect(outcomes([needs('f', 'g')])['f']).toBe('off PREREQUISITE_FAILED FLAG_NOT_FOUND');
    expect(outcomes([needs('f', 'g'), flagOf({ key: 'g', off: '' })])['f']).toBe('off PREREQUISITE_FAILED PARSE_ERROR');
  });

  it('is not met by a flag that has no unit to bucket by', () => {
    const split = flagOf({ key: 'g', fallthrough: splitOf(100_000) });
    expect(outcomes([needs('f', 'g'), split])['f']).toBe('off PREREQUISITE_FAILED TARGETING_KEY_MISSING');
    expect(outcomes([needs('f', 'g'), split], { targetingKey: 'ann' })['f']).toBe('on DEFAULT');
  });

  it('is looked at in order: the first that is not met decides', () => {
    const flags = [flagOf({ key: 'closed' }), flagOf({ key: 'broken', off: '' })];
    expect(outcomes([needs('f', 'closed', 'broken'), ...flags])['f']).toBe('off PREREQUISITE_FAILED');
    expect(outcomes([needs('f', 'broken', 'closed'), ...flags])['f']).toBe('off PREREQUISITE_FAILED PARSE_ERROR');
  });

  it('does not count for a disabled flag', () => {
    expect(outcomes([{ ...needs('f', 'gone'), enabled: false }])['f']).toBe('off DISABLED');
  });

  it('that names a broken flag further down is not resolved without error', () => {
    const flags = [needs('f', 'g'), needs('g', 'h'), flagOf({ key: 'h', off: '' })];
    expect(outcomes(flags)).toStrictEqual({
      f: 'off PREREQUISITE_FAILED PARSE_ERROR',
      g: 'off PREREQUISITE_FAILED PARSE_ERROR',
      h: 'ERROR PARSE_ERROR',
    });
  });

  it('that is met twice over is a legal diamond', () => {
    const flags = [needs('f', 'a', 'b'), needs('a', 'c'), needs('b', 'c'), needs('c')];
    expect(outcomes(flags)).toStrictEqual({ f: 'on DEFAULT', a: 'on DEFAULT', b: 'on DEFAULT', c: 'on STATIC' });
  });

  it('never met serves the same frozen answer', () => {
    const compiled = compileRuleset(rulesetOf([needs('f', 'g')]));
    const resolution = evaluate(compiled, 'f', {}, null, NOW);
    expect(Object.isFrozen(resolution)).toBe(true);
    expect(resolution).toMatchObject({ value: false, variation: 1, version: 7 });
  });
});

describe('a cycle of prerequisites', () => {
  it('breaks the flags in it and no other', () => {
    const flags = [
      needs('in-1', 'in-2'),
      needs('in-2', 'free', 'in-3'),
      needs('in-3', 'in-1'),
      needs('to', 'in-1'),
      needs('to-to', 'to'),
      needs('free'),
      needs('self', 'self'),
    ];
    expect(outcomes(flags)).toStrictEqual({
      'in-1': 'ERROR PARSE_ERROR',
      'in-2': 'ERROR PARSE_ERROR',
      'in-3': 'ERROR PARSE_ERROR',
      to: 'off PREREQUISITE_FAILED PARSE_ERROR',
      'to-to': 'off PREREQUISITE_FAILED PARSE_ERROR',
      free: 'on STATIC',
      self: 'ERROR PARSE_ERROR',
    });
    const compiled = compileRuleset(rulesetOf(flags));
    const problems = [...compiled.flags.keys()].map((key) => problemOf(compiled, key));
    expect(problems).toStrictEqual(['CYCLE', 'CYCLE', 'CYCLE', undefined, undefined, undefined, 'CYCLE']);
  });

  it('counts though its flags are disabled, since they may be enabled any time', () => {
    const flags = [{ ...needs('a', 'b'), enabled: false }, needs('b', 'a')];
    expect(outcomes(flags)).toStrictEqual({ a: 'ERROR PARSE_ERROR', b: 'ERROR PARSE_ERROR' });
  });
});
