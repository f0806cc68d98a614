import { ratio, table } from './format.ts';

/** What is aimed at, beside what was measured. */
export interface Goal {
  readonly what: string;
  /** The most that is good enough; where more is better, the least. */
  readonly goal: number;
  readonly measured: number;
  readonly isMoreBetter?: boolean;
  readonly show: (value: number) => string;
  /** Why it is missed, where it is. */
  readonly why?: string;
}

// How many times the goal was missed by; 1 and less where it is held.
function distance({ goal, measured, isMoreBetter = false }: Goal): number {
  return isMoreBetter ? goal / measured : measured / goal;
}

/** All goals with what was measured, and why some are missed. */
export function goalsText(goals: readonly Goal[]): string {
  // What was not measured is not held.
  const missed = goals.filter((goal) => !(distance(goal) <= 1));
  const rows = goals.map((goal) => [
    goal.what,
    `${goal.isMoreBetter === true ? '≥' : '≤'} ${goal.show(goal.goal)}`,
    goal.show(goal.measured),
    missed.includes(goal) ? `**missed by ${((distance(goal) - 1) * 100).toFixed(0)} %**` : 'held',
  ]);
  const reasons = missed.map(({ what, why = '–' }) => `- **${what}**: ${why}`);
  return [
    `Set before ours were measured; ${goals.length - missed.length} of ${goals.length} are held by the numbers above.`,
    table(['', 'goal', 'measured', ''], rows),
    ...(reasons.length > 0 ? [`Why the others are missed:\n\n${reasons.join('\n')}`] : []),
  ].join('\n\n');
}

/** A number of times. */
export const times = (value: number): string => ratio(value);
