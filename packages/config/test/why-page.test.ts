import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileRuleset } from '@flags/core';
import { describe, explain } from '@flags/core/explain';
import { expect, test } from 'vitest';
import { lockRuleset, parseFlagFile } from '../src/index.ts';

const root = resolve(import.meta.dirname, '../../..');

test('docs/why.md shows what is explained of the flags in examples/flags.yaml', () => {
  const parsed = parseFlagFile(readFileSync(resolve(root, 'examples/flags.yaml'), 'utf8'));
  if (!parsed.ok) throw new Error('examples/flags.yaml cannot be used.');
  const { ruleset } = lockRuleset(parsed.entries, undefined);
  const user = { targetingKey: 'u-17', plan: 'pro', country: 'DE' };
  const text = describe(explain(compileRuleset(ruleset), 'new-checkout', user, 0));
  const [, shown] = /^```\n(new-checkout: [^]*?)\n```$/m.exec(readFileSync(resolve(root, 'docs/why.md'), 'utf8')) ?? [];
  expect(shown).toBe(text);
});
