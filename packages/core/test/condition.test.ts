import { afterEach, describe, expect, it } from 'vitest';
import { flagWhen, isMatch, problemWith } from './build.ts';

const YES = { all: [] };
const NO = { any: [] };
const is = (attr: string, ...values: readonly unknown[]) => ({ attr, op: 'in', values });

describe('all, any and not', () => {
  it('hold as in logic', () => {
    expect(isMatch({ all: [YES, YES] })).toBe(true);
    expect(isMatch({ all: [YES, NO] })).toBe(false);
    expect(isMatch({ any: [NO, YES] })).toBe(true);
    expect(isMatch({ any: [NO, NO] })).toBe(false);
    expect(isMatch({ not: NO })).toBe(true);
    expect(isMatch({ not: YES })).toBe(false);
    expect(isMatch({ not: { not: YES } })).toBe(true);
    expect(isMatch({ not: { all: [YES, { not: { any: [NO, YES] } }] } })).toBe(true);
  });

  it('hold for an empty all and not for an empty any', () => {
    expect([isMatch({ all: [] }), isMatch({ any: [] })]).toStrictEqual([true, false]);
  });

  it.each([
    [{}],
    [{ all: [], any: [] }],
    [{ none: [] }],
    [{ all: YES }],
    [{ any: null }],
    [{ not: [YES] }],
    [{ not: null }],
    [{ segment: 1 }],
    [[YES]],
    ['yes'],
    [true],
    [null],
  ])('break the flag when they are not sound: %j', (condition) => {
    expect(problemWith(flagWhen(condition))).toBeTypeOf('string');
  });
});

describe('a missing attribute', () => {
  const inRussia = is('country', 'RU');

  it('makes a clause false, negated or not', () => {
    for (const context of [{}, { country: 1 }, { country: null }, { country: {} }]) {
      expect(isMatch(inRussia, context)).toBe(false);
      expect(isMatch({ not: inRussia }, context)).toBe(false);
      expect(isMatch({ not: { not: inRussia } }, context)).toBe(false);
      expect(isMatch({ not: { not: { not: inRussia } } }, context)).toBe(false);
    }
    expect(isMatch({ not: inRussia }, { country: 'DE' })).toBe(true);
  });

  it('says what ifMissing says, negated or not', () => {
    for (const ifMissing of [true, false]) {
      const clause = { ...inRussia, ifMissing };
      expect(isMatch(clause)).toBe(ifMissing);
      expect(isMatch({ not: clause })).toBe(ifMissing);
      expect(isMatch({ not: { not: clause } })).toBe(ifMissing);
      expect(isMatch(clause, { country: 'RU' })).toBe(true);
      expect(isMatch({ not: clause }, { country: 'RU' })).toBe(false);
    }
  });

  it('is decided at the leaf when all or any is negated', () => {
    const adult = { attr: 'age', op: 'gte', values: [18] };
    // not (in RU and adult) = not in RU or not adult: the part that is there may decide.
    const notBoth = { not: { all: [inRussia, adult] } };
    expect(isMatch(notBoth, {})).toBe(false);
    expect(isMatch(notBoth, { country: 'DE' })).toBe(true);
    expect(isMatch(notBoth, { country: 'RU' })).toBe(false);
    expect(isMatch(notBoth, { age: 17 })).toBe(true);
    expect(isMatch(notBoth, { country: 'RU', age: 18 })).toBe(false);
    // not (in RU or adult) = not in RU and not adult: every part has to be there.
    const neither = { not: { any: [inRussia, adult] } };
    expect(isMatch(neither, { country: 'DE' })).toBe(false);
    expect(isMatch(neither, { country: 'DE', age: 17 })).toBe(true);
    expect(isMatch(neither, { country: 'DE', age: 18 })).toBe(false);
  });
});

describe('a list', () => {
  it('satisfies a clause when any element and any value do', () => {
    const clause = is('tags', 'b', 'c');
    expect(isMatch(clause, { tags: ['a', 'b'] })).toBe(true);
    expect(isMatch(clause, { tags: ['a', 'd'] })).toBe(false);
    expect(isMatch({ not: clause }, { tags: ['a', 'd'] })).toBe(true);
    expect(isMatch({ not: clause }, { tags: ['a', 'b'] })).toBe(false);
    expect(isMatch({ attr: 'tags', op: 'gt', values: [5] }, { tags: [1, 6] })).toBe(true);
    expect(isMatch({ attr: 'tags', op: 'eq', values: ['2'], as: 'string' }, { tags: [1, 2] })).toBe(true);
  });

  it('that is empty is there and holds nothing', () => {
    const clause = is('tags', 'b');
    expect(isMatch(clause, { tags: [] })).toBe(false);
    expect(isMatch({ not: clause }, { tags: [] })).toBe(true);
    expect(isMatch({ ...clause, ifMissing: true }, { tags: [] })).toBe(false);
  });

  it('skips elements of the wrong type, and is missing when there is no other', () => {
    const clause = is('tags', 'b');
    for (const tags of [[1], [null], [undefined], [['b']], [{ b: 'b' }], [[], {}, Number.NaN]]) {
      expect(isMatch(clause, { tags })).toBe(false);
      expect(isMatch({ not: clause }, { tags })).toBe(false);
      expect(isMatch({ not: { ...clause, ifMissing: true } }, { tags })).toBe(true);
    }
    expect(isMatch(clause, { tags: [['b'], 1, 'b'] })).toBe(true);
    expect(isMatch({ not: clause }, { tags: [['b'], 1, 'c'] })).toBe(true);
    expect(isMatch({ not: clause }, { tags: ['c', 1] })).toBe(true);
  });
});

describe('an attribute path', () => {
  it('goes down by dots, or by names where a name has dots', () => {
    const dotted = is('org.plan', 'pro');
    const listed = { ...dotted, attr: ['org', 'plan'] };
    const name = { ...dotted, attr: ['org.plan'] };
    expect([dotted, listed, name].map((clause) => isMatch(clause, { org: { plan: 'pro' } }))).toStrictEqual([
      true,
      true,
      false,
    ]);
    expect([dotted, listed, name].map((clause) => isMatch(clause, { 'org.plan': 'pro' }))).toStrictEqual([
      false,
      false,
      true,
    ]);
    expect(isMatch(is('a.b.c.d', 1), { a: { b: { c: { d: 1 } } } })).toBe(true);
  });

  it.each([{}, { org: null }, { org: 'plan' }, { org: 5 }, { org: [{ plan: 'pro' }] }, { org: { plan: undefined } }])(
    'that breaks off is missing: %j',
    (context) => {
      expect(isMatch(is('org.plan', 'pro'), context)).toBe(false);
      expect(isMatch({ not: is('org.plan', 'pro') }, context)).toBe(false);
      expect(isMatch({ attr: 'org.plan', op: 'exists' }, context)).toBe(false);
    },
  );

  it('reads neither the length of text nor the elements of a list', () => {
    expect(isMatch({ attr: 'x.length', op: 'exists' }, { x: 'text' })).toBe(false);
    expect(isMatch({ attr: 'x.0', op: 'exists' }, { x: ['a'] })).toBe(false);
  });
});

describe('an attribute of the prototype', () => {
  afterEach(() => {
    Reflect.deleteProperty(Object.prototype, 'polluted');
  });

  it.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', 'constructor.name', '__proto__.toString'])(
    '%s is missing unless it is an own one',
    (attr) => {
      expect(isMatch({ attr, op: 'exists' }, {})).toBe(false);
      const [first = '', second] = attr.split('.');
      const own = JSON.parse(`{ "${first}": ${second ? `{ "${second}": "x" }` : '"x"'} }`) as object;
      expect(isMatch({ attr, op: 'eq', values: ['x'] }, { ...own })).toBe(true);
      expect(isMatch({ attr, op: 'exists' }, Object.create(own))).toBe(false);
    },
  );

  it('is missing when Object.prototype has been polluted', () => {
    Object.assign(Object.prototype, { polluted: 'x' });
    expect(isMatch({ attr: 'polluted', op: 'exists' }, {})).toBe(false);
    expect(isMatch({ attr: 'a.polluted', op: 'exists' }, { a: {} })).toBe(false);
    expect(isMatch({ attr: 'polluted', op: 'eq', values: ['x'] }, { polluted: 'x' })).toBe(true);
  });

  it('is read from a context without a prototype', () => {
    const context = Object.assign(Object.create(null) as object, { x: 1 });
    expect(isMatch(is('x', 1), context)).toBe(true);
  });
});
