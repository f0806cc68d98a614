import { BUCKETING } from './bucket.ts';
import type { CompiledRuleset } from './compiled.ts';
import { DEFAULT_TOTAL, MAX_TOTAL } from './limits.ts';
import { suggest } from './nearest.ts';
import { checkInteger, checkShape, type ProblemPath, type Report, words } from './report.ts';
import type { BucketRange, Bucketing } from './ruleset.ts';

/**
 * Reports what is wrong with how units are bucketed, of which `sound` are the members that have their shape. Gives the
 * number of buckets where it is known.
 */
export function checkBucketing(
  report: Report,
  path: ProblemPath,
  raw: unknown,
  sound: Bucketing,
  compiled: CompiledRuleset,
): number | undefined {
  const { bucketer, total } = sound;
  if (bucketer !== undefined && !Object.hasOwn(compiled.bucketers, bucketer)) {
    const hint = `${suggest(report, bucketer, Object.keys(compiled.bucketers), 'bucketers')} Leave it out for the built-in hash.`;
    report([...path, 'bucketer'], 'BUCKETER', `There is no bucketer ${words(bucketer)}.`, hint);
  }
  if (total === undefined) return (raw as Bucketing).total === undefined ? DEFAULT_TOTAL : undefined;
  return checkInteger(report, [...path, 'total'], total, 1, MAX_TOTAL) ? total : undefined;
}

/** Reports what is wrong with a range of buckets. */
export function checkRange(report: Report, path: ProblemPath, raw: unknown, compiled: CompiledRuleset): void {
  const range = checkShape<BucketRange>(report, path, raw, `${BUCKETING}from:i to:i`, 'A bucket condition');
  if (!range) return;
  if ((raw as Partial<BucketRange>).salt === undefined) {
    const hint = 'Add `salt`: conditions with the same salt put a unit into the same bucket.';
    report([...path, 'salt'], 'TYPE', '`salt` is missing.', hint);
  }
  const total = checkBucketing(report, path, raw, range, compiled);
  const { from, to } = range;
  if (total === undefined) return;
  const isFrom = from !== undefined && checkInteger(report, [...path, 'from'], from, 0, total);
  if (to !== undefined) checkInteger(report, [...path, 'to'], to, isFrom ? from : 0, total);
}
