import type { BucketRange, Clause, Split, TimeWindow } from './ruleset.ts';
import type { BucketTrace, ConditionTrace, ServeTrace } from './trace.ts';

/** A value of a context or a ruleset in a few characters, whatever it is. */
export function show(value: unknown): string {
  let text: string;
  try {
    text = JSON.stringify(value) ?? typeof value;
  } catch {
    // A circle, a bigint, or a member that throws.
    text = typeof value;
  }
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

/** A path as authors write it. */
export function pathText(path: string | readonly string[]): string {
  return [path].flat().join('.');
}

/** A step of a trace below the one above it. */
export function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}

function bucketText({ by, unit, salt, total, bucket }: BucketTrace): string {
  return unit === undefined
    ? `no unit at ${pathText(by)}`
    : `${pathText(by)} ${show(unit)} with salt ${show(salt)} is in bucket ${bucket} of ${total}`;
}

function leafText(trace: ConditionTrace): string {
  const condition = trace.condition as Partial<Clause> & { segment?: string; time?: TimeWindow; bucket?: BucketRange };
  const { attr = '', op, values, as, ignoreCase, ifMissing, time, bucket } = condition;
  switch (trace.kind) {
    case 'segment':
      return `in segment ${condition.segment}${trace.segment ? ` (${trace.segment.how})` : ''}`;
    case 'time':
      return `time in ${show(time)}`;
    case 'bucket':
      return `bucket in [${bucket?.from}, ${bucket?.to})${trace.bucket ? `, ${bucketText(trace.bucket)}` : ''}`;
    default: {
      const options = `${as ? ` as ${as}` : ''}${ignoreCase ? ' ignoring case' : ''}`;
      const missing = `${trace.found}, so ${op === 'exists' ? 'it does not exist' : `ifMissing: ${ifMissing ?? false}`}`;
      const actual = trace.found === 'value' ? `is ${show(trace.actual)}` : missing;
      return `${pathText(attr)} ${op}${values ? ` ${show(values)}` : ''}${options}${trace.found ? `, ${actual}` : ''}`;
    }
  }
}

/** A condition and what is below it, a line each; what was not reached is left out below the first. */
export function conditionLines(trace: ConditionTrace): readonly string[] {
  const { kind, negated, reached, holds, parts, segment } = trace;
  const verdict = reached ? (holds ? 'yes' : 'no') : 'not reached';
  const text = kind === 'all' || kind === 'any' ? kind : `${negated ? 'not ' : ''}${leafText(trace)}`;
  const below = reached ? [...parts, ...(segment?.rules ?? []).filter((rule) => rule.reached)] : [];
  return [`${verdict}: ${text}`, ...indent(below.flatMap(conditionLines))];
}

/** How the variation was chosen, in a line. */
export function serveText({ serve, outcome, sticky, bucket, slice, width }: ServeTrace): string {
  const kept = sticky ? `; sticky ${pathText(sticky.path)} is ${show(sticky.actual)}` : '';
  const range = slice ? `, in [${slice.from}, ${slice.to})` : '';
  const reach = width === undefined ? '' : `; the rollout has reached ${width}`;
  const { experiment } = ('split' in serve ? serve.split : {}) as Partial<Split>;
  const part = experiment === undefined ? '' : `; experiment ${show(experiment)}`;
  return `serves ${outcome ? outcome.variant : 'nothing'}${bucket ? `: ${bucketText(bucket)}` : ''}${range}${reach}${kept}${part}`;
}
