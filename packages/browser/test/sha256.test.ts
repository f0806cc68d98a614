import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../src/sha256.ts';

const expected = (text: string): string => createHash('sha256').update(text).digest('hex');

test.each([0, 1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 1_000])('a text of %i bytes', (length) => {
  expect(sha256('a'.repeat(length))).toBe(expected('a'.repeat(length)));
});

test('any text has the digest that Node gives it', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => sha256(text) === expected(text)));
});
