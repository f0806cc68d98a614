import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseVersion } from '../src/version.ts';

function parsed(text: string): string {
  const version = parseVersion(text);
  if (version === undefined) throw new Error(`${text} should be a version`);
  return version;
}

/** The sign of left − right. */
function compare(left: string, right: string): number {
  const [a, b] = [parsed(left), parsed(right)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The identifiers of a version that is sound. */
function identifiers(text: string): readonly string[] {
  const [, numbers = '', prerelease] = /^v?([^-+]*)(?:-([^+]*))?/i.exec(text) ?? [];
  const [major = '', minor = '0', patch = '0'] = numbers.split('.');
  return [major, minor, patch, ...(prerelease?.split('.') ?? [])];
}

const number = fc.oneof(
  fc.nat(3).map(String),
  fc.maxSafeNat().map(String),
  fc.bigInt({ min: 0n, max: 10n ** 40n }).map(String),
);
const identifier = fc.oneof(
  number,
  fc.stringMatching(/^[0-9A-Za-z-]{1,4}$/).filter((text) => !/^0\d+$/.test(text)),
  fc.constantFrom('alpha', 'beta', 'rc', 'a', 'a-', 'a0', '-', '--1', '1a', '0a', 'A'),
);
const listOf = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { minLength: 1, maxLength: 3 }).map((items) => items.join('.'));
const version = fc
  .tuple(
    fc.constantFrom('', 'v', 'V'),
    listOf(number),
    fc.option(listOf(identifier), { nil: undefined }),
    fc.option(listOf(fc.stringMatching(/^[0-9A-Za-z-]{1,3}$/)), { nil: undefined }),
  )
  .map(([prefix, core, prerelease, build]) =>
    [prefix, core, prerelease === undefined ? '' : `-${prerelease}`, build === undefined ? '' : `+${build}`].join(''),
  );

/** The order as the specification words it, on identifiers, with arithmetic of any size. */
function precedence(left: readonly string[], right: readonly string[]): number {
  if (left.length > 3 !== right.length > 3) return left.length > 3 ? -1 : 1;
  for (let index = 0; ; index++) {
    const a = left[index];
    const b = right[index];
    if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
    const [aNumeric, bNumeric] = [/^\d+$/.test(a), /^\d+$/.test(b)];
    if (aNumeric !== bNumeric) return aNumeric ? -1 : 1;
    const order = aNumeric ? BigInt(a) - BigInt(b) : a < b ? -1 : a > b ? 1 : 0;
    if (order) return order < 0 ? -1 : 1;
  }
}

/** `precedence` decides by the numbers first. */
function expected(left: string, right: string): number {
  const [a, b] = [identifiers(left), identifiers(right)];
  return precedence(a.slice(0, 3), b.slice(0, 3)) || precedence(a, b);
}

describe('parseVersion', () => {
  it.each([
    '1.2.3',
    '0.0.0',
    'v1.2.3',
    'V1',
    '2',
    '2.5',
    '2-rc.1',
    '1.0.0-alpha.1',
    '1.0.0-0',
    '1.0.0-0a.-.01-',
    '1.0.0+20130313144700',
    '1.0.0-beta+exp.sha.5114f85',
    '1.0.0+21AF26D3---117B344092BD',
    '1+001',
    '9007199254740993.0.0',
    `1.0.0-${'a'.repeat(250)}`,
  ])('reads %s', (text) => {
    expect(parseVersion(text)).toBeTypeOf('string');
    // The same after another text has been read.
    const version = parseVersion(text);
    expect(parseVersion('latest')).toBeUndefined();
    expect(parseVersion(text)).toBe(version);
  });

  it.each([
    '',
    'v',
    '.',
    '-',
    '1.',
    '.1',
    '1..2',
    '1.2.',
    '1.2.3.4',
    '01',
    '1.02',
    '1.2.03',
    '1.2.3-',
    '1.2.3-01',
    '1.2.3-a.00',
    '1.2.3-a..b',
    '1.2.3-.a',
    '1.2.3-a.',
    '1.2.3+',
    '1.2.3+a..b',
    '1.2.3+a+b',
    '1.2.3-é',
    '1.2.3-a_b',
    ' 1.2.3',
    '1.2.3 ',
    '1.2.3\n',
    'vv1',
    'v.1',
    'x1',
    '1.2.x',
    '^1.2.3',
    '-1',
    '+1',
    '1,2',
    '1.2.3-ſ',
    '１.2.3',
    'latest',
    `1.0.0-${'a'.repeat(251)}`,
  ])('refuses %j', (text) => {
    expect(parseVersion(text)).toBeUndefined();
  });
});

describe('the order of parsed versions', () => {
  it.each([
    ['1.0.0 2.0.0 2.1.0 2.1.1'],
    ['1.0.0-alpha 1.0.0-alpha.1 1.0.0-alpha.beta 1.0.0-beta 1.0.0-beta.2 1.0.0-beta.11 1.0.0-rc.1 1.0.0'],
    ['1.9.0 1.10.0 1.11.0 2 2.0.1 10'],
    ['0 0.0.1-a 0.0.1 0.1 0.9.9 0.10'],
    [
      '1-0 1-2 1-10 1-99999999999999999999 1-100000000000000000000 1-- 1-1a 1-22a 1-2a 1-A 1-a 1-a.0 1-a.a 1-a- 1-a0 1-ab 1',
    ],
    ['9007199254740992.0.0 9007199254740993.0.0 9007199254740993.0.1'],
  ])('puts %s in this order', (chain) => {
    const versions = chain.split(' ');
    for (const [i, left] of versions.entries()) {
      for (const [j, right] of versions.entries()) {
        expect([left, right, compare(left, right)]).toEqual([left, right, Math.sign(i - j)]);
      }
    }
  });

  it.each([
    ['v1.2.3', '1.2.3'],
    ['1', '1.0.0'],
    ['1.2', 'v1.2.0+build.7'],
    ['1-rc', '1.0.0-rc'],
    ['1.0.0+a', '1.0.0+b'],
    ['1.0.0-x+a', '1-x'],
  ])('takes %s and %s for the same', (left, right) => {
    expect(compare(left, right)).toBe(0);
  });

  it('agrees with the specification', () => {
    fc.assert(
      fc.property(version, version, (left, right) => {
        expect(compare(left, right)).toBe(expected(left, right));
      }),
      { numRuns: 3000 },
    );
  });

  it('says the same of a version the first time, the second, and after a thousand others', () => {
    const texts = [...Array.from({ length: 1000 }, (_, i) => `1.${i}.0`), 'no version', '1.2.3-rc.1'];
    const first = texts.map((text) => parseVersion(text));
    expect(texts.map((text) => parseVersion(text))).toEqual(first);
    expect(first.slice(0, 1000).toSorted((a, b) => (a! < b! ? -1 : 1))).toEqual(first.slice(0, 1000));
    expect(parseVersion('no version')).toBeUndefined();
  });
});
