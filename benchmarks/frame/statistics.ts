/** The value that a share of all is at or below. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ?? Number.NaN;
}

/** The quietest run and the one in the middle: what the machine can do, and what it did beside its other work. */
export interface BestAndMedian {
  readonly best: number;
  readonly median: number;
}

/** Of values where less is better. */
export function bestAndMedian(values: readonly number[]): BestAndMedian {
  return { best: quantile(values, 0), median: quantile(values, 0.5) };
}

/** A line of a table: what, and how much. */
export type Row = readonly [what: string, value: string];

/** Best and median in one cell. */
export function cell({ best, median }: BestAndMedian, unit: string): string {
  return `${best.toFixed(1)} / ${median.toFixed(1)} ${unit}`;
}
