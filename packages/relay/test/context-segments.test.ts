import type { EvaluationContext } from '@flags/core';
import { compileRuleset } from '@flags/core';
import { externalSegments } from '@flags/sync';
import { expect, it } from 'vitest';
import { createContextSegments } from '../src/context-segments.ts';
import { SILENT } from '../src/log.ts';
import { flag, ruleset, segment } from './ruleset.ts';
import { until } from './start.ts';

it('a watched context hears of who joined and left; what is not known at the moment stays as it was', async () => {
  const rules = [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }];
  const compiled = compileRuleset(ruleset(1, [flag('a', 1, { rules })], [segment('beta', 1, { external: true })]));
  let answer: (unit: string) => readonly string[] = () => ['beta'];
  const asked: string[] = [];
  const create = externalSegments(
    ({ unit }) => {
      asked.push(unit);
      return answer(unit);
    },
    { ttlMs: 20, maxUnits: 1 },
  );
  const observer = { answered: () => {}, lookedUp: () => {} };
  const evaluator = { rules: () => compiled };
  const segments = createContextSegments({ create, evaluator, observer, log: SILENT });
  const heard: EvaluationContext[] = [];
  const began = await segments.prepare(compiled, { targetingKey: 'ann', $segments: ['own'] });
  expect(began).toMatchObject({ $segments: ['own', 'beta'] });
  const watch = segments.watch(began, (next) => void heard.push(next));
  // Given up for another unit, and not to be had again for now.
  answer = (unit) => {
    if (unit === 'ann') throw new Error('down');
    return [];
  };
  await segments.prepare(compiled, { targetingKey: 'zoe' });
  const before = asked.length;
  await until(() => asked.length > before + 1);
  expect(heard).toEqual([]);
  answer = () => [];
  await until(() => heard.length === 1);
  expect(heard[0]).toEqual({ targetingKey: 'ann', $segments: ['own'] });
  answer = () => ['beta'];
  watch.check();
  await until(() => heard.length === 2);
  expect(heard[1]).toEqual({ targetingKey: 'ann', $segments: ['own', 'beta'] });
  watch.stop();
  answer = () => [];
  watch.check();
  const count = asked.length;
  await new Promise((resolve) => void setTimeout(resolve, 100));
  expect([asked.length, heard.length]).toEqual([count, 2]);
});
