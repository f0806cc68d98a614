import { expect, test } from 'vitest';
import { parseFlagFile } from '../src/index.ts';
import { problemsOf } from './expanding.ts';

test.each([
  ['targets of a flag', (keys: string) => `flags: { a: { client: true, targets: { on: [${keys}] } } }`],
  ['a segment', (keys: string) => `flags: {}\nsegments: { s: { client: true, include: [${keys}] } }`],
])('no more than 1 000 keys go to everyone who opens the page: %s', (_, written) => {
  const keys = (count: number): string => Array.from({ length: count }, (__, index) => `u-${index}`).join(', ');
  expect(parseFlagFile(written(keys(1_000)))).toMatchObject({ ok: true });
  expect(problemsOf(written(keys(1_001)))).toMatchObject([{ severity: 'error', code: 'CLIENT' }]);
  expect(parseFlagFile(written(keys(1_001)).replace('true', 'false'))).toMatchObject({ ok: true });
});
