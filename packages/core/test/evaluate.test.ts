import { describe, expect, it } from 'vitest';
import {
  compileRuleset,
  evaluate,
  evaluateAll,
  type EvaluationContext,
  problemOf,
  type Resolution,
} from '../src/index.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, rulesetOf, splitOf, variantOf } from './build.ts';

function read(
  flag: Entry,
  context: EvaluationContext = {},
  fallback: unknown = null,
  others: readonly Entry[] = [],
): Resolution<unknown> {
  return evaluate(compileRuleset(rulesetOf([flag, ...others])), 'f', context, fallback, NOW);
}

const ALWAYS = { all: [] };
const NEVER = { any: [] };

describe('the order of a read', () => {
  it('gives the default for an unknown flag', () => {
    expect(evaluate(compileRuleset(rulesetOf([])), 'f', {}, 'mine', NOW)).toStrictEqual({
      value: 'mine',
      variant: undefined,
      variation: undefined,
      reason: 'ERROR',
      ruleId: undefined,
      version: undefined,
      experiment: undefined,
      errorCode: 'FLAG_NOT_FOUND',
    });
  });

  it('gives the default for a broken flag, even when it is disabled', () => {
    const broken = flagOf({ enabled: false, off: 'nowhere' });
    expect(read(broken, {}, true)).toMatchObject({ value: true, reason: 'ERROR', errorCode: 'PARSE_ERROR' });
  });

  it('never lets a broken flag hurt another', () => {
    const compiled = compileRuleset(rulesetOf([flagOf({ rules: 5 }), flagOf({ key: 'g' })]));
    expect(evaluate(compiled, 'g', {}, null, NOW)).toMatchObject({ variant: 'off', errorCode: undefined });
    expect(problemOf(compiled, 'f')).toBe('TYPE');
    expect(problemOf(compiled, 'g')).toBeUndefined();
    expect(problemOf(compiled, 'h')).toBeUndefined();
  });

  it('asks for enabled, then prerequisites, then targets, then rules, then the fallthrough', () => {
    const gate = flagOf({ key: 'gate', fallthrough: { variation: 'on' } });
    const variations = ['a', 'b', 'c', 'd'].map((name) => ({ name, value: name }));
    const steps: Entry = {
      type: 'string',
      variations,
      off: 'a',
      prerequisites: [{ flag: 'gate', variations: ['off'] }],
      targets: [{ variation: 'b', keys: ['ann'] }],
      rules: [{ id: 'all', when: ALWAYS, serve: { variation: 'c' } }],
      fallthrough: { variation: 'd' },
    };
    const met = { prerequisites: [{ flag: 'gate', variations: ['on'] }] };
    const context = { targetingKey: 'ann' };
    const outcome = (parts: Entry) => {
      const { variant, reason, ruleId, errorCode } = read(flagOf({ ...steps, ...parts }), context, null, [gate]);
      return [variant, reason, ruleId, errorCode];
    };
    expect(outcome({ enabled: false })).toStrictEqual(['a', 'DISABLED', undefined, undefined]);
    expect(outcome({})).toStrictEqual(['a', 'PREREQUISITE_FAILED', undefined, undefined]);
    expect(outcome(met)).toStrictEqual(['b', 'TARGETING_MATCH', undefined, undefined]);
    expect(outcome({ ...met, targets: [] })).toStrictEqual(['c', 'TARGETING_MATCH', 'all', undefined]);
    expect(outcome({ ...met, targets: [], rules: [] })).toStrictEqual(['d', 'DEFAULT', undefined, undefined]);
  });

  it('takes the first rule that matches', () => {
    const rules = [
      { id: 'no', when: NEVER, serve: { variation: 'on' } },
      { id: 'yes', when: ALWAYS, serve: { variation: 'on' } },
      { id: 'late', when: ALWAYS, serve: { variation: 'off' } },
    ];
    expect(read(flagOf({ rules }))).toMatchObject({ variant: 'on', ruleId: 'yes' });
  });

  it('does not fall through when the rule that matches has no unit to bucket by', () => {
    const rules = [
      { id: 'split', when: ALWAYS, serve: splitOf(50_000) },
      { id: 'late', when: ALWAYS, serve: { variation: 'on' } },
    ];
    expect(read(flagOf({ rules }), {}, true)).toMatchObject({
      value: true,
      reason: 'ERROR',
      errorCode: 'TARGETING_KEY_MISSING',
      variant: undefined,
      version: 7,
    });
  });
});

describe('the reason', () => {
  it.each<readonly [reason: string, parts: Entry, what: string]>([
    ['STATIC', {}, 'nothing but a fallthrough'],
    ['DEFAULT', { rules: [{ id: 'r', when: NEVER, serve: { variation: 'on' } }] }, 'rules that do not match'],
    ['DEFAULT', { targets: [{ variation: 'on', keys: ['bob'] }] }, 'targets that do not match'],
    ['DEFAULT', { prerequisites: [{ flag: 'p', variations: ['off'] }] }, 'prerequisites that are met'],
    ['TARGETING_MATCH', { targets: [{ variation: 'on', keys: ['ann'] }] }, 'a target that matches'],
    ['TARGETING_MATCH', { rules: [{ id: 'r', when: ALWAYS, serve: { variation: 'on' } }] }, 'a rule that matches'],
    ['SPLIT', { rules: [{ id: 'r', when: ALWAYS, serve: splitOf(1) }] }, 'a split in a rule'],
    ['SPLIT', { fallthrough: splitOf(100_000) }, 'a split in the fallthrough, whatever its widths'],
    [
      'SPLIT',
      { fallthrough: { progress: { from: 'off', to: 'on', points: [['2026-01-01T00:00:00Z', 0]] } } },
      'a progress',
    ],
    ['DISABLED', { enabled: false, fallthrough: splitOf(1) }, 'a flag that is disabled'],
  ])('is %s for %3$s', (reason, parts) => {
    expect(read(flagOf(parts), { targetingKey: 'ann' }, null, [flagOf({ key: 'p' })]).reason).toBe(reason);
  });
});

describe('targets', () => {
  it('take the first listed, whatever attribute each reads', () => {
    const targets = [
      { variation: 'off', keys: ['bob'] },
      { variation: 'on', keys: ['acme'], by: 'org.id' },
      { variation: 'off', keys: ['ann'] },
      { variation: 'on', keys: ['ann', 'bob', 'cid'] },
    ];
    const flag = flagOf({ targets });
    expect(variantOf(flag, { targetingKey: 'ann' })).toBe('off');
    expect(variantOf(flag, { targetingKey: 'ann', org: { id: 'acme' } })).toBe('on');
    expect(variantOf(flag, { targetingKey: 'bob', org: { id: 'acme' } })).toBe('off');
    expect(variantOf(flag, { targetingKey: 'cid' })).toBe('on');
  });

  it('know integers by their digits, and neither empty strings nor fractions', () => {
    const flag = flagOf({ targets: [{ variation: 'on', keys: ['42', '', '1.5', 'true'], by: 'id' }] });
    const matches = [42, '42', -42, '', 1.5, true, ['42'], null, 2 ** 53].map((id) => variantOf(flag, { id }));
    expect(matches.map((variant) => variant === 'on')).toStrictEqual([
      true,
      true,
      false,
      false,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('the resolution', () => {
  it('has the members of a whole answer', () => {
    const flag = flagServing(splitOf(100_000, { experiment: 'exp' }));
    expect(read(flag, { targetingKey: 'ann' })).toStrictEqual({
      value: true,
      variant: 'on',
      variation: 0,
      reason: 'SPLIT',
      ruleId: undefined,
      version: 7,
      experiment: 'exp',
      errorCode: undefined,
    });
  });

  it('has the same members in the same order whatever the outcome, so that reads stay fast', () => {
    const shapes = [
      read(flagOf()),
      read(flagWhen(ALWAYS)),
      read(flagOf({ off: '' })),
      read(flagOf(), {}, 'text'),
      read(flagOf({ prerequisites: [{ flag: 'gone', variations: [] }] })),
    ].map((resolution) => Object.keys(resolution).join());
    expect(new Set(shapes).size).toBe(1);
  });

  it('is the identical object for the same outcome', () => {
    const gate = flagOf({ key: 'gate' });
    const compiled = compileRuleset(
      rulesetOf([
        gate,
        flagOf({ key: 'disabled', enabled: false }),
        flagOf({ key: 'blocked', prerequisites: [{ flag: 'gate', variations: ['on'] }] }),
        flagOf({ key: 'target', targets: [{ variation: 'on', keys: ['ann', 'bob'] }] }),
        flagWhen({ attr: 'x', op: 'eq', values: [1] }, { key: 'rule' }),
        flagServing(splitOf(100_000), { key: 'split' }),
        flagServing(
          { progress: { from: 'off', to: 'on', points: [['2026-01-01T00:00:00Z', 100_000]] } },
          { key: 'progress' },
        ),
      ]),
    );
    for (const key of compiled.flags.keys()) {
      const first = evaluate(compiled, key, { targetingKey: 'ann', x: 1 }, false, NOW);
      const second = evaluate(compiled, key, { targetingKey: 'bob', x: [1] }, true, NOW + 1);
      expect(first.errorCode).toBeUndefined();
      expect(second).toBe(first);
      expect(Object.isFrozen(first)).toBe(true);
    }
  });

  it('has a frozen value, all the way down, that keeps its identity', () => {
    const variations = [{ name: 'on', value: { list: [{ deep: [] }], __proto__: null } }];
    const flag = flagOf({ type: 'object', variations, off: 'on', fallthrough: { variation: 'on' } });
    const compiled = compileRuleset(JSON.parse(JSON.stringify(rulesetOf([flag]))));
    const { value } = evaluate<Entry>(compiled, 'f', {}, {}, NOW);
    const isFrozen = (item: unknown): boolean => Object.isFrozen(item) && Object.values(item as object).every(isFrozen);
    expect(value).toStrictEqual({ list: [{ deep: [] }] });
    expect(isFrozen(value)).toBe(true);
    expect(evaluate<Entry>(compiled, 'f', {}, {}, NOW).value).toBe(value);
  });
});

describe('the type of the default', () => {
  const values: Entry = { boolean: true, string: 'text', number: 1, object: { a: 1 } };

  it.each(Object.keys(values).flatMap((type) => Object.keys(values).map((other) => [type, other] as const)))(
    'of a %s flag with a default of type %s',
    (type, other) => {
      const variations = [{ name: 'on', value: values[type] }];
      const flag = flagOf({ type, variations, off: 'on', fallthrough: { variation: 'on' } });
      const resolution = read(flag, {}, values[other]);
      if (type === other) expect(resolution).toMatchObject({ value: values[type], reason: 'STATIC' });
      else {
        const mismatch = { value: values[other], reason: 'ERROR', errorCode: 'TYPE_MISMATCH', version: 7 };
        expect(resolution).toMatchObject(mismatch);
      }
    },
  );

  it('takes a list for an object', () => {
    const variations = [{ name: 'on', value: [1] }];
    const flag = flagOf({ type: 'object', variations, off: 'on', fallthrough: { variation: 'on' } });
    expect(read(flag, {}, []).value).toStrictEqual([1]);
  });

  it('is not checked when it is null', () => {
    expect(read(flagOf(), {}, null)).toMatchObject({ value: false, errorCode: undefined });
  });

  it('is checked for a disabled flag too', () => {
    expect(read(flagOf({ enabled: false }), {}, 'x').errorCode).toBe('TYPE_MISMATCH');
  });

  it('mismatches what no flag can serve', () => {
    const compiled = compileRuleset(rulesetOf([flagOf()]));
    for (const fallback of [undefined, () => 1, 1n, Symbol('s')]) {
      const resolution = evaluate<unknown>(compiled, 'f', {}, fallback, NOW);
      expect(resolution.errorCode).toBe('TYPE_MISMATCH');
      expect(resolution.value).toBe(fallback);
    }
  });
});

describe('evaluateAll', () => {
  const compiled = compileRuleset(
    JSON.parse(
      JSON.stringify(
        rulesetOf([
          flagOf({ key: '__proto__', client: true }),
          flagOf({ key: 'server' }),
          flagOf({ key: 'not', client: false }),
          flagOf({ key: 'values', client: 'evaluated' }),
          flagOf({ key: 'broken', client: true, off: 'nowhere' }),
        ]),
      ),
    ),
  );

  it('reads every flag into a record without a prototype', () => {
    const all = evaluateAll(compiled, {}, NOW);
    expect(Object.getPrototypeOf(all)).toBeNull();
    expect(Object.keys(all)).toStrictEqual(['__proto__', 'server', 'not', 'values', 'broken']);
    for (const [key, resolution] of Object.entries(all)) {
      if (key === 'broken') expect(resolution).toMatchObject({ value: null, errorCode: 'PARSE_ERROR' });
      else expect(resolution).toBe(evaluate(compiled, key, {}, null, NOW));
    }
  });

  it('keeps to flags that a browser may see when asked for the client view', () => {
    expect(Object.keys(evaluateAll(compiled, {}, NOW, { client: true }))).toStrictEqual(['__proto__', 'values']);
  });
});
