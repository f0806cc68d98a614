import { BUCKETING } from './bucket.ts';
import type { CompiledRuleset } from './compiled.ts';
import { suggest } from './nearest.ts';
import { checkInteger, checkPair, checkShape, type ProblemPath, type Report, words } from './report.ts';
import type { Progress, Split } from './ruleset.ts';
import { isObject } from './shape.ts';
import { checkBucketing } from './validate-bucket.ts';
import { checkPoints } from './validate-time.ts';

/** Reports that a name is no variation of the flag. */
export type CheckVariation = (path: ProblemPath, name: unknown) => void;

/** Makes the check of variations' names; without the list of them, they are not checked. */
export function createCheckVariation(report: Report, names: readonly string[] | undefined): CheckVariation {
  const known = new Set<unknown>(names);
  return (path, name) => {
    if (!names || name === undefined || known.has(name)) return;
    const message = `There is no variation ${words(name)}.`;
    report(path, 'VARIATION', message, suggest(report, typeof name === 'string' ? name : '', names, 'variations'));
  };
}

function checkSplit(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  compiled: CompiledRuleset,
  checkVariation: CheckVariation,
): void {
  const split = checkShape<Split>(report, path, raw, `${BUCKETING}slices:a sticky:n? experiment:s?`, 'A split');
  if (!split) return;
  const total = checkBucketing(report, path, raw, split, compiled);
  const slices: readonly unknown[] | undefined = split.slices;
  let sum: number | undefined = 0;
  for (const [index, slice] of slices?.entries() ?? []) {
    const place = [...path, 'slices', index];
    if (!checkPair(report, place, slice, 'the name of a variation, and its width')) {
      sum = undefined;
      continue;
    }
    const [name, width] = slice;
    checkVariation([...place, 0], name);
    if (total === undefined || !checkInteger(report, [...place, 1], width, 0, total)) sum = undefined;
    else if (sum !== undefined) sum += width;
  }
  if (!slices || sum === undefined || total === undefined || sum === total) return;
  const difference = Math.abs(total - sum);
  const [message, hint] =
    sum < total
      ? [`${difference} less than`, `Add ${difference} to the widths`]
      : [`${difference} more than`, `Take ${difference} off the widths`];
  report([...path, 'slices'], 'SPLIT', `The widths sum to ${sum}, ${message} the total of ${total}.`, `${hint}.`);
}

function checkProgress(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  compiled: CompiledRuleset,
  checkVariation: CheckVariation,
): void {
  const progress = checkShape<Progress>(report, path, raw, `${BUCKETING}from:s to:s points:a`, 'A progress');
  if (!progress) return;
  const total = checkBucketing(report, path, raw, progress, compiled);
  checkVariation([...path, 'from'], progress.from);
  checkVariation([...path, 'to'], progress.to);
  if (progress.points) checkPoints(report, [...path, 'points'], progress.points, total);
}

/** Reports everything that makes the compiler refuse what a rule or the fallthrough serves. */
export function checkServe(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  compiled: CompiledRuleset,
  checkVariation: CheckVariation,
): void {
  const serve = checkShape<{ readonly variation: string }>(
    report,
    path,
    raw,
    'variation:s? split:v? progress:v?',
    'What is served',
  );
  if (!serve || !isObject(raw)) return;
  const names = Object.keys(raw);
  if (names.length !== 1 && names.every((name) => ['variation', 'split', 'progress'].includes(name))) {
    const message = `One thing is served; this has ${names.length ? names.join(' and ') : 'nothing'}.`;
    report(path, 'MEMBER', message, 'Write one of variation, split, progress.');
  }
  checkVariation([...path, 'variation'], serve.variation);
  if (raw['split'] !== undefined) checkSplit(report, [...path, 'split'], raw['split'], compiled, checkVariation);
  if (raw['progress'] !== undefined)
    checkProgress(report, [...path, 'progress'], raw['progress'], compiled, checkVariation);
}
