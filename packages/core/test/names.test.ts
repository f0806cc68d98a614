import { afterEach, describe, expect, it } from 'vitest';
import { compileRuleset, evaluate, evaluateAll, problemOf, type RulesetChange, updateRuleset } from '../src/index.ts';
import { type Entry, flagWhen, NOW, rulesetOf, segmentOf, splitOf, variantOf } from './build.ts';

const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf', 'length', 'then'];

/** Everything in a ruleset that has a name has this one; as text, since that is how it comes. */
function rulesetNamed(name: string): unknown {
  const parts: Entry = {
    key: name,
    type: 'string',
    variations: [
      { name, value: 'yes' },
      { name: 'no', value: 'no' },
    ],
    off: 'no',
    targets: [{ variation: name, keys: [name], by: name }],
    rules: [
      {
        id: name,
        when: { all: [{ attr: [name, name], op: 'eq', values: [name] }, { segment: name }] },
        serve: { split: { slices: [[name, 100_000]], salt: name, by: name, sticky: name, experiment: name } },
      },
    ],
    fallthrough: { variation: 'no' },
    salt: name,
  };
  const needs = { key: 'needs', prerequisites: [{ flag: name, variations: [name] }] };
  const flags = [flagWhen({}, parts), flagWhen({ all: [] }, needs)];
  return JSON.parse(JSON.stringify(rulesetOf(flags, [segmentOf({ key: name, include: [name] })])));
}

const contextNamed = (name: string, value: unknown, more: Entry = {}): Entry =>
  Object.fromEntries([...Object.entries(more), [name, value]]);

describe.each(NAMES)('%s is an ordinary name', (name) => {
  const compiled = compileRuleset(rulesetNamed(name));

  it('of a flag, a variation, a target’s unit and its attribute', () => {
    expect(problemOf(compiled, name)).toBeUndefined();
    expect(evaluate(compiled, name, contextNamed(name, name), '', NOW)).toMatchObject({
      value: 'yes',
      variant: name,
      reason: 'TARGETING_MATCH',
    });
  });

  it('of a rule, a segment, a nested attribute and an experiment', () => {
    const context = contextNamed(name, contextNamed(name, name), { targetingKey: name });
    // The unit is an object here, so that the split has none: the rule has matched.
    expect(evaluate(compiled, name, context, '', NOW)).toMatchObject({ errorCode: 'TARGETING_KEY_MISSING' });
    expect(evaluate(compiled, name, { targetingKey: name }, '', NOW)).toMatchObject({ value: 'no', reason: 'DEFAULT' });
  });

  it('of nothing that is not there', () => {
    const empty = compileRuleset(rulesetOf([]));
    expect(evaluate(empty, name, {}, 1, NOW)).toMatchObject({ value: 1, errorCode: 'FLAG_NOT_FOUND' });
    expect(problemOf(empty, name)).toBeUndefined();
    expect(problemOf(compileRuleset(rulesetOf([flagWhen({ segment: name })])), 'f')).toBe('SEGMENT');
    expect(evaluate(compiled, name, {}, '', NOW)).toMatchObject({ value: 'no', reason: 'DEFAULT' });
  });

  it('of a prerequisite', () => {
    expect(evaluate(compiled, 'needs', contextNamed(name, name), false, NOW).reason).toBe('TARGETING_MATCH');
    expect(evaluate(compiled, 'needs', {}, false, NOW).reason).toBe('PREREQUISITE_FAILED');
  });

  it('in the record of all flags and in a change', () => {
    expect(Object.keys(evaluateAll(compiled, {}, NOW)).toSorted()).toStrictEqual([name, 'needs'].toSorted());
    const change = JSON.parse(`{ "version": 10, "flags": { "${name}": null }, "segments": { "${name}": null } }`);
    const updated = updateRuleset(compiled, change as RulesetChange);
    expect(evaluate(updated, name, {}, '', NOW).errorCode).toBe('FLAG_NOT_FOUND');
    expect(evaluate(compiled, name, {}, '', NOW).errorCode).toBeUndefined();
  });

  it('of a split’s unit and of what is sticky', () => {
    const flag = flagWhen(
      { all: [] },
      { rules: [{ id: name, when: { all: [] }, serve: splitOf(0, { sticky: name }) }] },
    );
    expect(variantOf(flag, contextNamed(name, 'on', { targetingKey: name }))).toBe('on');
    expect(variantOf(flag, { targetingKey: name })).toBe('off');
  });
});

describe('a polluted Object.prototype', () => {
  const polluted = {
    attr: 'x',
    salt: 'pepper',
    by: 'id',
    total: 7,
    sticky: 'plan',
    prerequisites: [{ flag: 'gone', variations: [] }],
    targets: [{ variation: 'off', keys: ['ann'] }],
    exclude: ['ann'],
    ifMissing: true,
    bucketer: 'mine',
    external: true,
    plan: 'off',
    days: [],
  };

  afterEach(() => {
    for (const member of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, member);
  });

  it('changes no answer', () => {
    const conditions = [{ segment: 's' }, { not: { attr: 'y', op: 'eq', values: [1] } }, { time: {} }];
    const flags = [
      ...conditions.map((when, index) => flagWhen(when, { key: `f${index}` })),
      flagWhen({ all: [] }, { key: 'split', rules: [{ id: 'r', when: { all: [] }, serve: splitOf(100_000) }] }),
    ];
    const json = rulesetOf(flags, [segmentOf({ include: ['ann'] })]);
    const answers = (): unknown =>
      flags.map(({ key }) => {
        const { variant, reason } = evaluate(compileRuleset(json), String(key), { targetingKey: 'ann' }, null, NOW);
        return [variant, reason];
      });
    const before = answers();
    Object.assign(Object.prototype, polluted);
    expect(answers()).toStrictEqual(before);
  });
});
