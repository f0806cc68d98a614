import { expect } from 'vitest';
import { compileRuleset, type Problem, problemOf } from '../src/index.ts';
import { UNEXPLAINED } from '../src/report.ts';
import { validateRuleset } from '../src/validate.ts';
import { bucketers } from './arbitrary/ruleset.ts';
import { type Entry, rulesetOf } from './build.ts';

/** Holds that compile and validate agree about every flag, and that validate alone says why. */
export function expectAgreement(json: unknown): void {
  const text = JSON.stringify(json);
  const problems = validateRuleset(json, { bucketers: Object.keys(bucketers) });
  expect(JSON.stringify(json)).toBe(text);
  expect(problems.filter(({ message }) => message === UNEXPLAINED)).toEqual([]);
  const compiled = compileRuleset(json, { bucketers });
  if (compiled.invalid) expect(problems.filter(({ path }) => path.length < 2)).not.toEqual([]);
  for (const key of compiled.flags.keys()) {
    const own = problems.filter(({ path }) => path[0] === 'flags' && path[1] === key);
    const code = problemOf(compiled, key);
    expect({ key, isBroken: code !== undefined, own }).toEqual({ key, isBroken: own.length > 0, own });
    // A flag that a segment breaks says so in its own words.
    const codes = own.map((problem) => problem.code);
    if (code && !codes.includes('SEGMENT')) expect(codes).toContain(code);
  }
}

/** The problems of a ruleset of this flag and these segments. */
export function problemsOf(flag: Entry, segments: readonly Entry[] = []): readonly Problem[] {
  return validateRuleset(rulesetOf([flag], segments));
}

/** The one problem of such a ruleset. */
export function onlyProblem(flag: Entry, segments: readonly Entry[] = []): Problem {
  const problems = problemsOf(flag, segments);
  expect(problems).toHaveLength(1);
  return problems[0]!;
}
