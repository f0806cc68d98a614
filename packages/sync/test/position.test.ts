import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { comparePositions, formatPosition, isSamePosition, parsePosition } from '../src/index.ts';
import type { Position } from '../src/index.ts';

const position = fc.record({
  epoch: fc.stringMatching(/^[0-9a-z_-]{1,38}$/),
  version: fc.maxSafeNat(),
  hash: fc.stringMatching(/^[0-9a-f]{8}$/),
});

test('a position is read back as it was written', () => {
  fc.assert(
    fc.property(position, (value) => {
      expect(parsePosition(formatPosition(value))).toEqual(value);
    }),
  );
});

test.each([
  '',
  'e.1',
  'e.1.0000000',
  'e.1.000000000',
  'E.1.00000000',
  'e.01.00000000',
  'e.-1.00000000',
  'e.1.0000000G',
  'e.9007199254740993.00000000',
  'e.1e3.00000000',
  'a.b.1.00000000',
  ' e.1.00000000',
  'e.1.00000000\n',
  'é.1.00000000',
  `${'e'.repeat(60)}.1.00000000`,
  7,
  null,
  {},
  ['e.1.00000000'],
])('%j is no position', (text) => {
  expect(parsePosition(text)).toBeUndefined();
});

test('whatever is read holds only bytes that cost no CORS preflight and fits 64 bytes', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      expect(parsePosition(text) === undefined || /^[0-9a-z._-]{1,64}$/.test(text)).toBe(true);
    }),
  );
});

test('positions compare by epoch, then version, never by hash', () => {
  const at = (epoch: string, version: number, hash = '00000000'): Position => ({ epoch, version, hash });
  expect(comparePositions(at('a', 9), at('b', 1))).toBeLessThan(0);
  expect(comparePositions(at('b', 10), at('b', 9))).toBeGreaterThan(0);
  expect(comparePositions(at('b', 9, '11111111'), at('b', 9))).toBe(0);
  expect(isSamePosition(at('b', 9, '11111111'), at('b', 9))).toBe(false);
});
