import { describe, expect, it } from 'vitest';
import { type Entry, flagWhen, isMatch, problemWith } from './build.ts';

const x = (op: string, values?: unknown, parts: Entry = {}): Entry =>
  values === undefined ? { attr: 'x', op, ...parts } : { attr: 'x', op, values, ...parts };

type Row = readonly [op: string, values: readonly unknown[], attribute: unknown, holds: boolean];

const instant = '2026-01-05T12:00:00Z';
const date = new Date(instant);

describe('an operator', () => {
  it.each<Row>([
    ['eq', ['a'], 'a', true],
    ['eq', ['a'], 'A', false],
    ['eq', ['a', 'b'], 'b', true],
    ['eq', [0], -0, true],
    ['eq', [1, '1'], '1', true],
    ['eq', [true], true, true],
    ['eq', [true], false, false],
    ['in', ['a', 'b'], 'b', true],
    ['in', ['a', 'b'], 'c', false],
    ['in', [1, 2], 2, true],
    ['contains', ['bc'], 'abcd', true],
    ['contains', ['x', 'cd'], 'abcd', true],
    ['contains', ['ac'], 'abcd', false],
    ['contains', [''], '', true],
    ['startsWith', ['ab'], 'abcd', true],
    ['startsWith', ['b'], 'abcd', false],
    ['endsWith', ['cd', 'x'], 'abcd', true],
    ['endsWith', ['c'], 'abcd', false],
    ['matches', ['^a+$'], 'aaa', true],
    ['matches', ['^b', 'c$'], 'abc', true],
    ['matches', ['^b'], 'abc', false],
    ['lt', [5], 4.9, true],
    ['lt', [5], 5, false],
    ['lte', [5], 5, true],
    ['lte', [5], 5.1, false],
    ['gt', [5], 5.1, true],
    ['gt', [5], 5, false],
    ['gt', [9, 3], 5, true],
    ['gte', [5], 5, true],
    ['gte', [5], 4.9, false],
    ['before', [instant], '2026-01-05T11:59:59.999Z', true],
    ['before', [instant], instant, false],
    ['before', [instant], date.getTime() - 1, true],
    ['before', [date.getTime()], '2026-01-05T14:00:00+02:00', false],
    ['before', [date.getTime()], '2026-01-05T14:00:00+02:01', true],
    ['before', [instant], date, false],
    ['after', [instant], new Date(date.getTime() + 1), true],
    ['after', [instant], date, false],
    ['cidr', ['10.0.0.0/8'], '10.255.1.2', true],
    ['cidr', ['10.0.0.0/8', '192.168.1.7'], '192.168.1.7', true],
    ['cidr', ['10.0.0.0/8'], '11.0.0.0', false],
    ['cidr', ['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    ['cidr', ['10.128.0.0/9'], '10.127.255.255', false],
    ['cidr', ['0.0.0.0/0'], '8.8.8.8', true],
    ['cidr', ['2001:db8::/32'], '2001:DB8:1::1', true],
    ['cidr', ['2001:db8::/33'], '2001:db8:8000::', false],
    ['cidr', ['::1'], '0:0:0:0:0:0:0:1', true],
    ['cidr', ['64:ff9b::/96'], '64:ff9b::1.2.3.4', true],
    ['verEq', ['1.2.0'], 'v1.2', true],
    ['verEq', ['1.2.0'], '1.2.0-rc.1', false],
    ['verLt', ['1.10.0'], '1.9.9', true],
    ['verLt', ['1.0.0'], '1.0.0-rc.1', true],
    ['verLte', ['1.0.0'], '1.0.0+build', true],
    ['verGt', ['1.9'], '1.10', true],
    ['verGt', ['2.0.0-alpha.2'], '2.0.0-alpha.10', true],
    ['verGte', ['1.9'], '1.8.99', false],
  ])('%s of %j on %j is %j', (op, values, attribute, holds) => {
    expect(isMatch(x(op, values), { x: attribute })).toBe(holds);
    // The attribute is there and of the right type, so the negation is the opposite.
    expect(isMatch({ not: x(op, values) }, { x: attribute })).toBe(!holds);
  });

  it.each<readonly [op: string, values: readonly unknown[], attributes: readonly unknown[]]>([
    ['eq', ['1'], [1, true, date, null, undefined, {}, () => '1', 1n, Symbol('1')]],
    ['eq', [1], ['1', true, Number.NaN, Infinity, new Date(1)]],
    ['eq', [true], ['true', 1]],
    ['in', ['1', '2'], [1, true]],
    ['in', [1, 2], ['1', Number.NaN, -Infinity]],
    ['contains', ['1'], [1, true, date, new String('1')]],
    ['startsWith', ['1'], [1, true]],
    ['endsWith', ['1'], [1, true]],
    ['matches', ['1'], [1, true, '1'.repeat(1025)]],
    ['lt', [5], ['4', true, Number.NaN, -Infinity, date]],
    ['lte', [5], ['4', Number.NaN, -Infinity]],
    ['gt', [5], ['6', Number.NaN, Infinity, date]],
    ['gte', [5], ['6', Number.NaN, Infinity]],
    ['before', [instant], ['yesterday', '2025-01-01', '2025-02-30T00:00:00Z', new Date(Number.NaN), true]],
    ['after', [instant], ['2027-01-01T00:00:00', Infinity, {}]],
    ['cidr', ['0.0.0.0/0'], ['1.2.3', '1.2.3.256', '01.2.3.4', '1.2.3.4/8', '::1::', '', 16909060]],
    ['cidr', ['::/0'], [':::', '1:2:3:4:5:6:7', 'g::', '12345::', '1.2.3.4::', ':1::2', '1:2:3:4:5:6:7:8:9']],
    ['verEq', ['1.0.0'], ['1.0.0.0', 'one', '', 1]],
    ['verLt', ['2.0.0'], [1, 'x1']],
  ])('%s of %j takes what is of another type for missing', (op, values, attributes) => {
    for (const attribute of attributes) {
      expect(isMatch(x(op, values), { x: attribute })).toBe(false);
      expect(isMatch({ not: x(op, values) }, { x: attribute })).toBe(false);
      expect(isMatch(x(op, values, { ifMissing: true }), { x: attribute })).toBe(true);
    }
  });

  it('matches up to 1 024 UTF-16 units', () => {
    expect(isMatch(x('matches', ['^a+$']), { x: 'a'.repeat(1024) })).toBe(true);
  });
});

describe('cidr', () => {
  it('takes no more time for a text than its length asks for', () => {
    // In quadratic time this is a minute.
    for (const ip of ['a', '.', ':', '1.', '::1.'].map((part) => part.repeat(300_000)))
      expect(isMatch({ attr: 'ip', op: 'cidr', values: ['0.0.0.0/0'], ifMissing: true }, { ip })).toBe(true);
  });

  it('knows the longest address', () => {
    const ip = '0000:0000:0000:0000:0000:ffff:255.255.255.255';
    expect(isMatch({ attr: 'ip', op: 'cidr', values: ['255.255.255.255'] }, { ip })).toBe(true);
  });
});

describe('as', () => {
  it.each<
    readonly [as: string, op: string, values: readonly unknown[], attribute: unknown, holds: boolean | undefined]
  >([
    ['string', 'eq', ['1'], 1, true],
    ['string', 'eq', [1], '1', true],
    ['string', 'eq', ['true'], true, true],
    ['string', 'eq', ['1e+21'], 1e21, true],
    ['string', 'eq', ['2026-01-05T12:00:00.000Z'], date, true],
    ['string', 'startsWith', ['2026'], date, true],
    ['string', 'contains', ['2'], 123, true],
    ['string', 'matches', ['^1.5$'], 1.5, true],
    ['string', 'eq', ['x'], Number.NaN, undefined],
    ['string', 'eq', ['x'], {}, undefined],
    ['string', 'eq', ['undefined'], undefined, undefined],
    ['string', 'eq', ['null'], null, undefined],
    ['string', 'eq', ['1'], 1n, undefined],
    ['string', 'contains', ['x'], () => 1, undefined],
    ['string', 'contains', ['x'], Symbol('x'), undefined],
    ['string', 'contains', ['b'], ['a', {}], false],
    ['string', 'contains', ['b'], [undefined, null], undefined],
    ['string', 'eq', ['x'], new Date(Number.NaN), undefined],
    ['number', 'eq', [1], '1', true],
    ['number', 'eq', ['1.0'], 1, true],
    ['number', 'lt', ['10'], '9', true],
    ['number', 'gt', [1], '-2.5e1', false],
    ['number', 'gte', [5], new Date(5), true],
    ['number', 'eq', [1], ' 1', undefined],
    ['number', 'eq', [1], '', undefined],
    ['number', 'eq', [1], '0x1', undefined],
    ['number', 'eq', [1], '1e999', undefined],
    ['number', 'eq', [1], true, undefined],
    ['date', 'eq', [instant], date, true],
    ['date', 'eq', [instant], '2026-01-05T12:00:00.0004Z', true],
    ['date', 'in', [instant, 5], 5, true],
    ['date', 'lte', [instant], date, true],
    ['date', 'lt', [instant], 'soon', undefined],
    ['date', 'gt', [instant], true, undefined],
    ['version', 'eq', ['1.2'], '1.2.0', true],
    ['version', 'in', ['1', '2'], '2.0', true],
    ['version', 'lt', ['1.10'], '1.9', true],
    ['version', 'gte', ['1.10'], '1.9', false],
    ['version', 'eq', ['1'], 1, undefined],
    ['version', 'eq', ['1'], 'latest', undefined],
  ])('%s: %s of %j on %s is %j', (as, op, values, attribute, holds) => {
    const clause = x(op, values, { as });
    expect(isMatch(clause, { x: attribute })).toBe(holds === true);
    expect(isMatch({ not: clause }, { x: attribute })).toBe(holds === false);
  });
});

describe('ignoreCase', () => {
  it.each<Row>([
    ['eq', ['Pro'], 'pRO', true],
    ['in', ['a', 'PRO'], 'Pro', true],
    ['contains', ['RO'], 'prop', true],
    ['startsWith', ['pr'], 'PROP', true],
    ['endsWith', ['OP'], 'prop', true],
    ['matches', ['^pr[A-O]p$'], 'PROP', true],
    ['matches', ['^\\D$'], '1', false],
    ['eq', ['É'], 'é', false],
    ['eq', ['\u212a'], 'k', false],
    ['eq', ['ſ'], 's', false],
    ['eq', ['İ'], 'i̇', false],
    ['eq', ['[\\]^`'], '{|}~@', false],
    ['eq', [1], 1, true],
  ])('folds ASCII letters alone: %s of %j on %j is %j', (op, values, attribute, holds) => {
    expect(isMatch(x(op, values, { ignoreCase: true }), { x: attribute })).toBe(holds);
  });

  it('is off when it says false', () => {
    expect(isMatch(x('eq', ['a'], { ignoreCase: false }), { x: 'A' })).toBe(false);
  });
});

describe('exists', () => {
  it.each([[''], ['a'], [0], [-1.5], [false], [true], [date], [[]], [['a']], [[null, 1]]])(
    'holds for %j',
    (attribute) => {
      expect(isMatch(x('exists'), { x: attribute })).toBe(true);
      expect(isMatch({ not: x('exists') }, { x: attribute })).toBe(false);
      expect(isMatch({ not: { not: x('exists') } }, { x: attribute })).toBe(true);
    },
  );

  it('is two-valued: without data its negation holds', () => {
    const nothing = [undefined, null, Number.NaN, Infinity, new Date(Number.NaN), {}, [null], [[1]], [{}], () => 1, 1n];
    for (const attribute of nothing) {
      expect(isMatch(x('exists'), { x: attribute })).toBe(false);
      expect(isMatch({ not: x('exists') }, { x: attribute })).toBe(true);
      expect(isMatch({ not: { not: x('exists') } }, { x: attribute })).toBe(false);
    }
  });
});

describe('a clause that is not sound breaks its flag', () => {
  it.each<readonly [what: string, clause: unknown]>([
    ['an unknown operator', x('like', ['a'])],
    ['an operator of the prototype', x('toString', ['a'])],
    ['an operator named __proto__', x('__proto__', ['a'])],
    ['no operator', { attr: 'x', values: ['a'] }],
    ['no values', x('eq')],
    ['an empty list of values', x('in', [])],
    ['a value that is not in a list', x('eq', 'a')],
    ['a null value', x('eq', [null])],
    ['a list among the values', x('in', ['a', ['b']])],
    ['an object among the values', x('in', ['a', {}])],
    ['text for an order of numbers', x('lt', ['5'])],
    ['a number for text', x('contains', [5])],
    ['a date that is none', x('before', ['2026-02-30T00:00:00Z'])],
    ['a date without offset', x('after', ['2026-02-03T00:00:00'])],
    ['a boolean as a number', x('eq', [true], { as: 'number' })],
    ['a boolean as a date', x('in', [true, instant], { as: 'date' })],
    ['a version that is none', x('verLt', ['latest'])],
    ['a number that is none', x('eq', ['one'], { as: 'number' })],
    ['a block that is none', x('cidr', ['10.0.0.0/33'])],
    ['a pattern outside the subset', x('matches', ['(?=a)'])],
    ['values for exists', x('exists', ['a'])],
    ['ifMissing for exists', x('exists', undefined, { ifMissing: true })],
    ['an unknown coercion', x('eq', ['a'], { as: 'text' })],
    ['null as coercion', x('eq', ['a'], { as: null })],
    ['a coercion the operator does not take', x('before', [1], { as: 'number' })],
    ['text in order', x('lt', ['a'], { as: 'string' })],
    ['a version in a text operator', x('contains', ['1'], { as: 'version' })],
    ['folding numbers', x('lt', [5], { ignoreCase: true })],
    ['ignoreCase that is no boolean', x('eq', ['a'], { ignoreCase: 1 })],
    ['ifMissing that is no boolean', x('eq', ['a'], { ifMissing: 'yes' })],
    ['an unknown member', x('eq', ['a'], { negate: true })],
    ['an empty attribute', { attr: '', op: 'exists' }],
    ['an empty path', { attr: [], op: 'exists' }],
    ['a path of numbers', { attr: [1], op: 'exists' }],
    ['two kinds in one', { attr: 'x', op: 'exists', all: [] }],
  ])('%s', (_, clause) => {
    expect(problemWith(flagWhen(clause))).toBeTypeOf('string');
    expect(problemWith(flagWhen({ not: { any: [clause] } }))).toBeTypeOf('string');
  });
});

describe('a list in the context', () => {
  const listOf = (length: number): readonly string[] => ['a', ...Array<string>(length - 1).fill('b')];

  it('counts up to a thousand elements, and as missing beyond, so that no context makes a read long', () => {
    expect(isMatch(x('eq', ['a']), { x: listOf(1000) })).toBe(true);
    expect(isMatch(x('eq', ['a']), { x: listOf(1001) })).toBe(false);
    expect(isMatch({ not: x('eq', ['c']) }, { x: listOf(1000) })).toBe(true);
    expect(isMatch({ not: x('eq', ['c']) }, { x: listOf(1001) })).toBe(false);
  });

  it('is read by its places, whatever its own iterator does', () => {
    const list = Object.assign(['a'], {
      *[Symbol.iterator]() {
        for (;;) yield 'b';
      },
    });
    expect(isMatch(x('eq', ['b']), { x: list })).toBe(false);
    expect(isMatch(x('eq', ['a']), { x: list })).toBe(true);
  });
});
