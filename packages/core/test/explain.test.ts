import * as fc from 'fast-check';
import { describe as suite, expect, test } from 'vitest';
import { describe, explain, type Explanation } from '../src/explain.ts';
import { compileRuleset, evaluate, type EvaluationContext, type Resolution } from '../src/index.ts';
import { contextArbitrary, nowArbitrary } from './arbitrary/context.ts';
import { bucketers, flagKeyArbitrary, rulesetArbitrary } from './arbitrary/ruleset.ts';
import { type Entry, flagOf, flagServing, flagWhen, NOW, rulesetOf, segmentOf, splitOf } from './build.ts';

function explained(
  flag: Entry,
  context: EvaluationContext = {},
  segments: readonly Entry[] = [],
  others: readonly Entry[] = [],
): Explanation {
  return explain(compileRuleset(rulesetOf([flag, ...others], segments)), 'f', context, NOW);
}

const whenOf = (when: unknown, context: EvaluationContext, segments: readonly Entry[] = []) =>
  explained(flagWhen(when), context, segments).rules[0]!.when;

/** What the steps of the trace alone say the answer is. */
function concluded(explanation: Explanation): Partial<Resolution> {
  const { enabled, problem, prerequisites, targets, rules, fallthrough } = explanation;
  if (problem) return { reason: 'ERROR', errorCode: 'PARSE_ERROR' };
  if (enabled === undefined) return { reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND' };
  if (!enabled) return { reason: 'DISABLED' };
  const unmet = prerequisites.find(({ met }) => met === false);
  if (unmet) {
    const { outcome, enabled: other } = unmet.explanation!;
    expect(outcome.errorCode ?? (other && unmet.variations.includes(outcome.variant!))).not.toBe(true);
    return { reason: 'PREREQUISITE_FAILED', errorCode: outcome.errorCode };
  }
  const target = targets.find(({ variation }) => variation !== undefined);
  if (target) return { reason: 'TARGETING_MATCH', variant: target.variation, ruleId: undefined };
  const served = rules.find(({ matched }) => matched)?.serve ?? fallthrough!;
  return served.outcome ?? { reason: 'ERROR', errorCode: 'TARGETING_KEY_MISSING' };
}

suite('explain', () => {
  test('gives what evaluate gives, and its steps lead there', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(rulesetArbitrary, contextArbitrary, nowArbitrary, flagKeyArbitrary, (ruleset, context, now, key) => {
        const compiled = compileRuleset(ruleset, { bucketers });
        const explanation = explain(compiled, key, context, now);
        const outcome = evaluate(compiled, key, context, null, now);
        expect(explanation.outcome).toEqual(outcome);
        expect(outcome).toMatchObject(concluded(explanation));
        expect(describe(explanation).split('\n')[0]).toContain(outcome.reason);
      }),
      { numRuns: 600 },
    );
  });

  test('reaches each step exactly when no earlier one has decided', { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(rulesetArbitrary, contextArbitrary, nowArbitrary, flagKeyArbitrary, (ruleset, context, now, key) => {
        const compiled = compileRuleset(ruleset, { bucketers });
        const { enabled, prerequisites, targets, rules, fallthrough } = explain(compiled, key, context, now);
        const steps = [
          ...prerequisites.map(({ reached, met }) => ({ reached, ends: met === false })),
          ...targets.map(({ reached, variation }) => ({ reached, ends: variation !== undefined })),
          ...rules.map(({ reached, matched }) => ({ reached, ends: matched === true })),
          ...(enabled === undefined ? [] : [{ reached: fallthrough !== undefined, ends: true }]),
        ];
        let open = enabled;
        for (const { reached, ends } of steps) {
          expect(reached).toBe(open);
          if (ends) open = false;
        }
      }),
    );
  });

  test('shows a clause as authored, with what it found', () => {
    const when = { attr: 'country', op: 'in', values: ['DE', 'FR'] };
    expect(whenOf(when, { country: 'FR' })).toMatchObject({
      kind: 'clause',
      condition: when,
      negated: false,
      holds: true,
      actual: 'FR',
      found: 'value',
    });
    expect(whenOf(when, {})).toMatchObject({ holds: false, actual: undefined, found: 'missing' });
    expect(whenOf(when, { country: 7 })).toMatchObject({ holds: false, actual: 7, found: 'wrong type' });
  });

  test('shows negations where they are tested: at the leaves', () => {
    const isRu = { attr: 'country', op: 'eq', values: ['RU'] };
    const isPro = { attr: 'plan', op: 'eq', values: ['pro'] };
    const trace = whenOf({ not: { all: [isRu, { not: isPro }] } }, { country: 'DE', plan: 'free' });
    expect(trace).toMatchObject({
      kind: 'any',
      holds: true,
      parts: [
        { kind: 'clause', condition: isRu, negated: true, reached: true, holds: true },
        { kind: 'clause', condition: isPro, negated: false, reached: false, holds: undefined, actual: undefined },
      ],
    });
    expect(whenOf({ not: isRu }, {})).toMatchObject({ negated: true, found: 'missing', holds: false });
  });

  test.each([
    ['excluded', 'ann', false],
    ['included', 'bob', true],
    ['rule', 'cid', true],
    ['none', 'dan', false],
  ])('says that a segment decided by %s', (how, targetingKey, holds) => {
    const inner = segmentOf({ key: 'inner', include: ['cid'] });
    const segment = segmentOf({ exclude: ['ann'], include: ['ann', 'bob'], rules: [{ segment: 'inner' }] });
    const trace = whenOf({ segment: 's' }, { targetingKey }, [segment, inner]);
    expect(trace).toMatchObject({ holds, segment: { key: 's', by: 'targetingKey', unit: targetingKey, how } });
    expect(trace.segment!.rules[0]).toMatchObject({
      condition: { segment: 'inner' },
      reached: how !== 'excluded' && how !== 'included',
    });
    if (how === 'rule') expect(trace.segment!.rules[0]!.segment!.how).toBe('included');
  });

  test('shows how an external segment was looked up', () => {
    const trace = whenOf({ segment: 's' }, { $segments: ['s'] }, [segmentOf({ external: true })]);
    expect(trace.segment).toMatchObject({ how: 'rule', rules: [{ actual: ['s'], holds: true }] });
  });

  test('shows the bucket, its range and the slice of a split', () => {
    const { fallthrough } = explained(flagServing(splitOf(5, { total: 10, salt: 's' })), { targetingKey: 'ann' });
    const { bucket, slice } = fallthrough!;
    expect(bucket).toMatchObject({ by: 'targetingKey', unit: 'ann', salt: 's', total: 10 });
    expect(bucket!.bucket).toBeGreaterThanOrEqual(slice!.from);
    expect(bucket!.bucket).toBeLessThan(slice!.to);
    expect([slice!.from, slice!.to]).toEqual(fallthrough!.outcome!.variant === 'on' ? [0, 5] : [5, 10]);
  });

  test('names the slice that a repeated variation was served from', () => {
    const slices = [
      ['on', 1],
      ['off', 1],
      ['on', 8],
    ];
    for (let unit = 0; unit < 40; unit++) {
      const { fallthrough } = explained(flagServing({ split: { total: 10, slices } }), { targetingKey: `u${unit}` });
      const { bucket, slice } = fallthrough!;
      const index = bucket!.bucket === 0 ? 0 : bucket!.bucket === 1 ? 1 : 2;
      expect(slice).toEqual({ index, from: index, to: [1, 2, 10][index] });
    }
  });

  test('shows a sticky variation, and no bucket when it was served', () => {
    const flag = flagServing(splitOf(100_000, { sticky: 'cookie' }));
    expect(explained(flag, { targetingKey: 'ann', cookie: 'off' }).fallthrough).toMatchObject({
      outcome: { variant: 'off' },
      sticky: { path: 'cookie', actual: 'off', hit: true },
      bucket: undefined,
    });
    expect(explained(flag, { targetingKey: 'ann', cookie: 'gone' }).fallthrough).toMatchObject({
      outcome: { variant: 'on' },
      sticky: { actual: 'gone', hit: false },
      slice: { index: 0, from: 0, to: 100_000 },
    });
  });

  test('shows how far a progressive rollout is', () => {
    const points = [
      [new Date(NOW - 1000).toISOString(), 0],
      [new Date(NOW + 1000).toISOString(), 1000],
    ];
    const { fallthrough } = explained(flagServing({ progress: { from: 'off', to: 'on', points, total: 1000 } }), {
      targetingKey: 'ann',
    });
    expect(fallthrough!.width).toBe(500);
    expect(fallthrough!.slice).toEqual(
      fallthrough!.outcome!.variant === 'on' ? { index: 0, from: 0, to: 500 } : { index: 1, from: 500, to: 1000 },
    );
  });

  test('explains a prerequisite that is not met by its own explanation', () => {
    const other = flagOf({ key: 'base' });
    const { prerequisites, rules, fallthrough } = explained(
      flagWhen({ all: [] }, { prerequisites: [{ flag: 'base', variations: ['on'] }] }),
      {},
      [],
      [other],
    );
    expect(prerequisites).toMatchObject([
      { key: 'base', variations: ['on'], reached: true, met: false, explanation: { outcome: { variant: 'off' } } },
    ]);
    expect(rules[0]).toMatchObject({ reached: false, matched: undefined, serve: undefined });
    expect(fallthrough).toBeUndefined();
  });

  test('explains unknown and broken flags', () => {
    expect(explain(compileRuleset({}), 'f', {}, NOW)).toMatchObject({
      outcome: { errorCode: 'FLAG_NOT_FOUND' },
      problem: undefined,
      enabled: undefined,
    });
    expect(explained(flagWhen({ attr: 'a', op: 'like', values: ['x'] }))).toMatchObject({
      outcome: { errorCode: 'PARSE_ERROR' },
      problem: 'OPERATOR',
      enabled: undefined,
    });
  });

  test('says that a unit is missing', () => {
    const explanation = explained(flagServing(splitOf(50_000, { by: 'org.id' })));
    expect(explanation.outcome.errorCode).toBe('TARGETING_KEY_MISSING');
    expect(explanation.fallthrough).toMatchObject({
      outcome: undefined,
      bucket: { by: ['org', 'id'], unit: undefined, bucket: undefined },
      slice: undefined,
    });
    expect(describe(explanation)).toContain('no unit at org.id');
  });

  test('ends the trace where a getter of the context throws', () => {
    const context = {
      get plan(): string {
        throw new Error('no plan');
      },
    };
    const explanation = explained(flagWhen({ attr: 'plan', op: 'exists' }), context);
    expect(explanation).toMatchObject({ outcome: { errorCode: 'GENERAL' }, rules: [], fallthrough: undefined });
    expect(describe(explanation)).toContain('GENERAL');
  });

  test('never throws for values that JSON cannot hold', () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const plan of [circle, 1n, Symbol('x'), () => 1, Object.create(null), new Date(Number.NaN)]) {
      const explanation = explained(flagWhen({ attr: 'plan', op: 'eq', values: ['pro'] }), { plan });
      expect(describe(explanation)).toContain('rule r does not match');
    }
    expect(describe(explained(flagOf(), null as never))).toContain('f: off = false');
  });
});

suite('an explanation as text', () => {
  test('tells the whole way in some lines', () => {
    const flag = flagOf({
      prerequisites: [{ flag: 'base', variations: ['off'] }],
      targets: [{ variation: 'on', keys: ['bob'] }],
      rules: [
        { id: 'germans', when: { attr: 'country', op: 'eq', values: ['DE'] }, serve: { variation: 'on' } },
        {
          id: 'staff',
          when: { all: [{ segment: 's' }, { not: { attr: 'plan', op: 'eq', values: ['free'], ignoreCase: true } }] },
          serve: splitOf(100_000),
        },
        { id: 'later', when: { all: [] }, serve: { variation: 'on' } },
      ],
    });
    const context = { targetingKey: 'ann', country: 'FR', plan: 'Pro' };
    const text = describe(explained(flag, context, [segmentOf({ include: ['ann'] })], [flagOf({ key: 'base' })]));
    const bucket = /is in bucket (\d+) of/.exec(text)?.[1];
    expect(text).toBe(`f: on = true (SPLIT, rule staff)
  prerequisite base has to serve off: met
    base: off = false (STATIC)
      fallthrough serves off
  targets by targetingKey "ann": none
  rule germans does not match
    no: country eq ["DE"], is "FR"
  rule staff matches
    yes: all
      yes: in segment s (included)
      yes: not plan eq ["free"] ignoring case, is "Pro"
    serves on: targetingKey "ann" with salt "f" is in bucket ${bucket} of 100000, in [0, 100000)
  not reached: rule later, fallthrough`);
  });

  test('leaves out what was not reached', () => {
    const segment = segmentOf({ exclude: ['ann'], rules: [{ attr: 'plan', op: 'exists' }] });
    const flag = flagWhen({ all: [{ segment: 's' }, { attr: 'country', op: 'exists' }] });
    expect(describe(explained(flag, { targetingKey: 'ann' }, [segment]))).toBe(`f: off = false (DEFAULT)
  rule r does not match
    no: all
      no: in segment s (excluded)
      not reached: country exists
  fallthrough serves off`);
  });

  test('says of a broken flag what broke it', () => {
    expect(describe(explained(flagOf({ off: 'gone' })))).toBe('f: no answer (ERROR, PARSE_ERROR, VARIATION)');
  });
});
