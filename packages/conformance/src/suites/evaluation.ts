import { compileRuleset, evaluate, evaluateAll, nextChangeAt } from '@flags/core';
import { explain } from '@flags/core/explain';
import type { Vectors } from '../../vectors/read.ts';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';
import { read, when } from './reading.ts';

const MEMBERS = ['reason', 'ruleId', 'experiment', 'errorCode'] as const;

/** Every golden vector of reads; and what is said of why and of when, which has to be the same everywhere. */
export function evaluationCases({ condition, window, evaluation }: Vectors): readonly Case[] {
  const compiled = compileRuleset(evaluation.ruleset);
  // Enough of each kind, for what takes longer.
  const some = evaluation.cases.filter((_, index) => index % 7 === 0);
  return [
    ...condition.map((vector) => ({
      name: `condition ${JSON.stringify(vector)}`,
      run: () => {
        const { variant, errorCode } = read(when(vector.condition), vector.context, 0);
        expectSame([variant, errorCode ?? null], [vector.holds ? 'on' : 'off', null]);
      },
    })),
    ...window.map((vector) => ({
      name: `window ${JSON.stringify(vector)}`,
      run: () => expectSame(read(when({ time: vector.time }), {}, vector.now).variant, vector.open ? 'on' : 'off'),
    })),
    ...evaluation.cases.map((vector) => ({
      name: `read ${JSON.stringify(vector)}`,
      run: () => {
        const given = evaluate(compiled, vector.flag, vector.context, null, vector.now);
        const pick = (from: Readonly<Record<string, unknown>>): unknown => MEMBERS.map((name) => from[name] ?? null);
        expectSame([given.variant ?? null, pick({ ...given })], [vector.variant, pick({ ...vector })]);
      },
    })),
    {
      name: 'what is explained of reads',
      run: () => some.map(({ flag, context, now }) => explain(compiled, flag, context, now)),
    },
    {
      name: 'when reads can change by themselves',
      run: () => some.map(({ context, now }) => [nextChangeAt(compiled, now), nextChangeAt(compiled, now, context)]),
    },
    {
      name: 'all flags at once',
      run: () => some.map(({ context, now }) => evaluateAll(compiled, context, now)),
    },
  ];
}
