import type { Expansion } from './expansion.ts';
import { describe, type SourceNode, type Spot } from './source.ts';

/** Buckets when `total` is not written. */
export const DEFAULT_TOTAL = 100_000;

/** The largest number of buckets. */
const MAX_TOTAL = 1_048_576;

/** The number of buckets a `total` member asks for. */
export function readTotal(expansion: Expansion, node: SourceNode | undefined): number | undefined {
  if (!node) return undefined;
  const total = node.kind === 'scalar' ? node.value : undefined;
  if (typeof total === 'number' && Number.isInteger(total) && total >= 1 && total <= MAX_TOTAL) return total;
  return expansion.fail(
    node,
    'SHARE',
    `total is a number of buckets, not ${describe(node)}.`,
    `Write an integer from 1 to ${MAX_TOTAL}.`,
  );
}

/**
 * A share as a number of buckets: a percentage with up to three decimals (`25%`, or the bare number 25), or, where `total`
 * is written, an integer number of buckets.
 */
export function readShare(expansion: Expansion, node: SourceNode, total: number | undefined): number | undefined {
  const wrong = (why: string, hint: string): undefined => expansion.fail(node, 'SHARE', why, hint);
  if (node.kind !== 'scalar' || node.value === null || typeof node.value === 'boolean') {
    return wrong(`A share is a percentage, not ${describe(node)}.`, 'Write it like 25%.');
  }
  const parts = /^(\d{1,9})(?:\.(\d+))?\s*(%?)$/.exec(node.source.trim());
  if (!parts) return wrong(`${JSON.stringify(node.source)} is no percentage.`, 'Write it like 25% or 12.5%.');
  const [, whole = '', decimals = '', percent] = parts;
  if (total !== undefined && !percent) {
    if (!decimals) return Number(whole);
    return wrong(
      `${node.source} is no number of buckets.`,
      'Beside total, write whole buckets, or a percentage with its sign.',
    );
  }
  if (decimals.length > 3) {
    return wrong(`${node.source} has more than three decimals.`, 'The smallest share is 0.001%: one bucket of 100000.');
  }
  const thousandths = Number(whole) * 1000 + Number(decimals.padEnd(3, '0'));
  const width = (thousandths * (total ?? DEFAULT_TOTAL)) / DEFAULT_TOTAL;
  if (width > (total ?? DEFAULT_TOTAL))
    return wrong(`${node.source} is more than 100%.`, 'Write a share from 0% to 100%.');
  if (Number.isInteger(width)) return width;
  return wrong(
    `${node.source} of ${total} buckets is no whole number of them.`,
    'Choose another share or another total.',
  );
}

/** Width of a number of buckets as a percentage. */
function toPercent(width: number, total: number): string {
  return `${Number(((width / total) * 100).toFixed(3))}%`;
}

/** Notes shares that do not fill all buckets exactly. */
export function checkSum(
  expansion: Expansion,
  at: Spot,
  widths: readonly number[],
  total: number = DEFAULT_TOTAL,
): void {
  const sum = widths.reduce((before, width) => before + width, 0);
  if (sum === total || widths.length === 0) return;
  const gap = toPercent(Math.abs(total - sum), total);
  const change = sum < total ? `Add ${gap} to` : `Take ${gap} from`;
  // Thirds and the like: what is missing is too small to be a mistake.
  const rounding = Math.abs(total - sum) <= widths.length;
  const last = toPercent(widths.at(-1)! + total - sum, total);
  const hint = rounding ? `${change} one of them: write ${last} for the last.` : `${change} one of them.`;
  expansion.fail(at, 'SPLIT', `The shares sum to ${toPercent(sum, total)}, not to 100%.`, hint);
}
