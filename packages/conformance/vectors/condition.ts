export interface ConditionVector {
  readonly condition: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly holds: boolean;
}

type Members = Readonly<Record<string, unknown>>;

const clause = (op: string, values: readonly unknown[], parts: Members = {}): Members => {
  return { attr: 'x', op, values, ...parts };
};

// Attributes that satisfy the clause, that do not, and that count as missing (of which `not` makes nothing else).
type Row = readonly [clause: Members, yes: readonly unknown[], no: readonly unknown[], missing: readonly unknown[]];

const ROWS: readonly Row[] = [
  [clause('eq', ['a']), ['a', ['b', 'a'], [1, 'a']], ['b', 'A', '', [], ['b', 1]], [1, true, null, {}, [1], [['a']]]],
  [clause('eq', [0]), [0, [1, 0]], [1, -1, 0.5], ['0', false, null]],
  [clause('eq', [true]), [true], [false], ['true', 1]],
  [clause('in', ['a', 1]), ['a', 1, ['z', 1]], ['b', 2], [true, null, {}]],
  [clause('contains', ['bc', 'z']), ['abcd', 'z'], ['acb', '', []], [1, null]],
  [clause('startsWith', ['ab']), ['abc', 'ab'], ['cab', ''], [1]],
  [clause('endsWith', ['bc']), ['abc', 'bc'], ['bca', ''], [true]],
  [clause('matches', ['^a+$', '^\\d{2,3}$']), ['aaa', '12'], ['aab', '1', '1234'], [12, 'a'.repeat(1025)]],
  [clause('lt', [5]), [4, 4.999, -1], [5, 6], ['4', null, [null]]],
  [clause('lte', [5]), [5, 4], [5.001], ['5']],
  [clause('gt', [5]), [6, [1, 6]], [5, 4], ['6']],
  [clause('gte', [5, 3]), [5, 3], [2.9], [true]],
  [
    clause('before', ['2026-01-05T12:00:00Z']),
    ['2026-01-05T11:59:59.999Z', '2026-01-05T11:59:59.99999999999999999999Z', '2026-01-05T12:59:59+01:00', 0],
    ['2026-01-05T12:00:00Z', '2026-01-05T13:00:00+01:00', 1_767_614_400_000],
    ['2026-01-05', '2026-02-30T00:00:00Z', '2026-01-05T12:00:00', '2026-01-05T24:00:00Z', true],
  ],
  [clause('after', [1_767_614_400_000]), ['2026-01-05T12:00:00.001Z', 1_767_614_400_001], [0], ['tomorrow']],
  [
    clause('cidr', ['10.0.0.0/8', '2001:db8::/32']),
    ['10.1.2.3', '::ffff:10.1.2.3', '2001:DB8::1'],
    ['11.1.2.3', '::1', '2001:db9::'],
    ['10.1.2', '10.1.2.256', '10.01.2.3', '10.0.0.0/8', 'a', 167_772_161],
  ],
  [clause('verEq', ['1.2']), ['1.2.0', 'v1.2', '1.2.0+b'], ['1.2.1', '1.2.0-a'], [1.2, 'x', '1.2.0.0', '']],
  [clause('verLt', ['1.10.0']), ['1.9.9', '1.10.0-rc.1', '0'], ['1.10', '2'], [1]],
  [clause('verLte', ['1.0.0-rc.2']), ['1.0.0-rc.2', '1.0.0-rc.1', '1.0.0-a.9'], ['1.0.0-rc.10', '1.0.0'], ['rc']],
  [clause('verGt', ['1.9']), ['1.10', '2'], ['1.9.0', '1.8'], [2]],
  [clause('verGte', ['2.0.0-beta']), ['2.0.0-beta', '2.0.0-beta.1', '2'], ['2.0.0-alpha'], ['']],
  [clause('eq', ['12'], { as: 'string' }), ['12', 12], ['13', true], [null, {}, [null]]],
  [clause('gt', ['9'], { as: 'number' }), ['10', 10, '1e1'], ['9', '-10.5'], ['ten', '', ' 10', '0x10', true]],
  [
    clause('eq', ['2026-01-05T12:00:00Z'], { as: 'date' }),
    ['2026-01-05T13:00:00+01:00', 1_767_614_400_000],
    [0],
    ['x'],
  ],
  [clause('in', ['1.0', '2.0'], { as: 'version' }), ['1', 'v2.0.0'], ['3'], [1, 'one']],
  [clause('eq', ['PrO'], { ignoreCase: true }), ['pro', 'PRO'], ['prö', 'pr'], [1]],
  [clause('eq', ['\u00c9', '\u212a'], { ignoreCase: true }), ['\u00c9'], ['\u00e9', 'k'], [1]],
  [clause('eq', ['a'], { attr: 'org.plan' }), [], [], ['a']],
];

function rowVectors([condition, yes, no, missing]: Row): readonly ConditionVector[] {
  const of = (attributes: readonly unknown[], holds: boolean, negated: boolean): readonly ConditionVector[] =>
    attributes.flatMap((x) => [
      { condition, context: { x }, holds },
      { condition: { not: condition }, context: { x }, holds: negated },
    ]);
  return [
    ...of(yes, true, false),
    ...of(no, false, true),
    ...of(missing, false, false),
    { condition, context: {}, holds: false },
    { condition: { not: condition }, context: {}, holds: false },
    { condition: { ...condition, ifMissing: true }, context: {}, holds: true },
    { condition: { not: { ...condition, ifMissing: true } }, context: {}, holds: true },
  ];
}

const adult = { attr: 'age', op: 'gte', values: [18] };
const german = { attr: 'country', op: 'eq', values: ['DE'] };
const exists = { attr: 'x', op: 'exists' };
const at = (condition: unknown, context: Members, holds: boolean): ConditionVector => ({ condition, context, holds });

/** What a condition says of a context. Written by hand from the rules, not computed. */
export const conditionVectors: readonly ConditionVector[] = [
  ...ROWS.flatMap(rowVectors),
  ...['', 0, false, [], [null, 1]].flatMap((x) => [at(exists, { x }, true), at({ not: exists }, { x }, false)]),
  ...[null, {}, [null], [[1]]].flatMap((x) => [at(exists, { x }, false), at({ not: exists }, { x }, true)]),
  at({ all: [] }, {}, true),
  at({ any: [] }, {}, false),
  at({ not: { all: [] } }, {}, false),
  at({ not: { any: [] } }, {}, true),
  at({ all: [german, adult] }, { country: 'DE', age: 18 }, true),
  at({ all: [german, adult] }, { country: 'DE', age: 17 }, false),
  at({ any: [german, adult] }, { age: 18 }, true),
  at({ not: { all: [german, adult] } }, {}, false),
  at({ not: { all: [german, adult] } }, { country: 'FR' }, true),
  at({ not: { all: [german, adult] } }, { country: 'DE', age: 18 }, false),
  at({ not: { any: [german, adult] } }, { country: 'FR' }, false),
  at({ not: { any: [german, adult] } }, { country: 'FR', age: 17 }, true),
  at({ not: { not: german } }, {}, false),
  at({ not: { not: german } }, { country: 'DE' }, true),
  at({ ...german, attr: 'org.country' }, { org: { country: 'DE' } }, true),
  at({ ...german, attr: 'org.country' }, { 'org.country': 'DE' }, false),
  at({ ...german, attr: ['org.country'] }, { 'org.country': 'DE' }, true),
  at({ ...german, attr: ['org', 'country'] }, { org: { country: 'DE' } }, true),
  at({ ...german, attr: 'org.country' }, { org: [{ country: 'DE' }] }, false),
  at({ attr: 'toString', op: 'exists' }, {}, false),
  at({ attr: 'constructor.name', op: 'exists' }, {}, false),
];
