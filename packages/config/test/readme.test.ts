import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as api from '../src/index.ts';
import { OPERATORS } from '../src/operand.ts';
import { expand, expandCondition, expandFlag } from './expanding.ts';

const readme = readFileSync(resolve(import.meta.dirname, '../README.md'), 'utf8');

/** The first column of the table below a heading. */
function rows(heading: string): string[] {
  const table = readme.slice(readme.indexOf(heading)).split('\n\n')[0]!;
  return [...table.matchAll(/^\| `(.+?)`\s+\|/gm)].map(([, text = '']) => text);
}

describe('The README', () => {
  test('shows a file that is right', () => {
    const [, text = ''] = /^```yaml\n(.*?)^```/ms.exec(readme) ?? [];
    expect([...expand(text).flags.keys()]).toEqual(['search', 'new-checkout', 'accent']);
  });

  test.each(rows('| in a condition'))('shows a condition that is right: %s', (written) => {
    expect(expandCondition(written)).toBeTypeOf('object');
  });

  test.each(rows('| after `serve:`'))('shows a serve that is right: %s', (written) => {
    expect(expandFlag(`serve: ${written}`)).toHaveProperty('fallthrough');
  });

  test('names every operator and every function', () => {
    expect(readme).toContain(`\`${OPERATORS.join(' ')}\``);
    const functions = Object.entries(api).filter(([, value]) => typeof value === 'function');
    expect(functions.filter(([name]) => !readme.includes(`\`${name}`)).map(([name]) => name)).toEqual([]);
  });
});
