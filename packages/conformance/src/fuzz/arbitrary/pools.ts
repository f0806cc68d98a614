import * as fc from 'fast-check';
import { NOON } from './instants.ts';

const anyText = fc.string({ unit: 'binary', maxLength: 12 });

/** Text that clauses compare with and attributes hold. */
export const textArbitrary: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.constantFrom(
      '',
      'DE',
      'de',
      'FR',
      'pro',
      'Pro-1',
      'PRO-1',
      'ann@x.io',
      'ann@x.io',
      'e',
      'o',
      '1',
      '7',
      'é',
      'É',
      'K',
      'ſ',
      '\ud83d',
      '😀',
      'a😀b',
      'true',
      'x\ny',
    ),
  },
  { weight: 1, arbitrary: anyText },
);

/** Numbers on both sides of each other, and of what a double holds. */
export const numberArbitrary: fc.Arbitrary<number> = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(-1, 0, 1, 7, 17.5, 18, 65, NOON) },
  { weight: 1, arbitrary: fc.constantFrom(-0, 2 ** 53, 2 ** 53 + 2, 1e21, 1e-7, 5e-324, Number.MAX_VALUE, 0.1 + 0.2) },
);

/** Numbers as text, as `as: number` takes them and as it does not. */
export const numericArbitrary: fc.Arbitrary<string> = fc.constantFrom(
  '7',
  '-1',
  '1.8e1',
  '18',
  '007',
  '-0',
  '1e400',
  '0x7',
  ' 7',
  '',
  '.5',
  '1E-7',
);

/** Versions, sound ones and others. */
export const versionArbitrary: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      '1.0.0',
      'v1.2',
      '1.2.3-rc.1',
      '1.2.3-rc.10',
      '1.2.3-rc.2',
      '1.2.3-rc',
      '1.2.3',
      '2',
      'V10.0.0',
      '1.2.3+b.1',
      '1.2.3--',
      '1.0.0-0A',
      `1.${'9'.repeat(30)}`,
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .tuple(fc.nat(2), fc.nat(12), fc.nat(2), fc.constantFrom('', '-alpha', '-1', '-1.a', '-a.1', '+7', '-A'))
      .map(([major, minor, patch, rest]) => `${major}.${minor}.${patch}${rest}`),
  },
);

/** What is nearly a version. */
export const NO_VERSIONS: readonly string[] = [
  '',
  '1.2.3.4',
  '01.2',
  '1.2.3-01',
  '1..2',
  '1.2.3-',
  '1.2.3+',
  'v',
  '1.2.3-a..b',
  ' 1',
];

/** Addresses of both families. */
export const addressArbitrary: fc.Arbitrary<string> = fc.constantFrom(
  '10.0.0.1',
  '10.255.255.255',
  '192.168.1.7',
  '0.0.0.0',
  '2001:db8::1',
  '2001:DB8:0:0:0:0:0:1',
  '::1',
  '::',
  '::ffff:10.0.0.1',
  '::ffff:a00:1',
  '1::10.0.0.1',
);

/** What is nearly an address. */
export const NO_ADDRESSES: readonly string[] = [
  '10.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '10.0.0.1/8',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7::8',
  'fe80::1%eth0',
  '::g',
  '12345::',
  '',
];

/** Blocks of addresses. */
export const blockArbitrary: fc.Arbitrary<string> = fc.oneof(
  addressArbitrary,
  fc.constantFrom(
    '10.0.0.0/8',
    '10.128.0.0/9',
    '0.0.0.0/0',
    '192.168.1.6/31',
    '2001:db8::/32',
    '::/0',
    '::ffff:0:0/96',
    '10.0.0.1/32',
    '2001:db8::1/128',
    '::/1',
  ),
);

/** Patterns of the subset. */
export const patternArbitrary: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.constantFrom(
      '^D',
      'e$',
      '^(a+)+$',
      '\\d',
      '^\\w+@\\w+\\.io$',
      '[A-F]{2}',
      '',
      'pro|DE',
      '^.$',
      '^..$',
      '[^a-z]',
      '\\s',
      '\\bx',
      '\\Bx',
      '(?:p|P)r?o',
      '\\S+-\\d{1,3}?',
      '[é-ü]',
      'k',
      's',
      '[^\\w]',
      '^\\W$',
      '\\.',
      '[\\-a]',
      '😀',
      'x*y*',
    ),
  },
  {
    weight: 2,
    arbitrary: fc
      .array(
        fc.constantFrom(
          'a',
          'D',
          '.',
          '\\d',
          '[a-c]',
          '[^x]',
          '(e|o)',
          '(?:7)?',
          '\\w',
          'r*',
          '^',
          '$',
          '|',
          'E{0,2}',
          '\\b',
        ),
        { maxLength: 5 },
      )
      .map((parts) => parts.join('')),
  },
);

/** Patterns outside the subset. */
export const NO_PATTERNS: readonly string[] = [
  '(',
  ')',
  'a(?=b)',
  '(?!a)',
  '(a)\\1',
  '(?<n>a)',
  '*',
  'a**',
  '[b-a]',
  '[]',
  '\\p{L}',
  'a{1001}',
  'x'.repeat(257),
  '\ud800',
  'a{2,1}',
  '\\',
  '[a',
];
