import { bytes, nanoseconds } from '../frame/format.ts';
import type { Goal } from '../frame/goals.ts';
import { times } from '../frame/goals.ts';
import type { EvaluateNumbers } from './page.ts';
import { fastestPeer, timeOf } from './page.ts';

const SINGLE = ['W1', 'W2', 'W3', 'W4', 'W6', 'W7'];

const DEMANDS = `A demand takes some 36 ns, a third of it to see that an attribute is the context's own and not of its prototype. The fastest other makes
  functions from text, which is forbidden where a content security policy holds and in isolates.`;
const RECORD = `A third of it is making the record of a thousand answers, as much as the function written by hand takes for all. The fastest other makes
  functions from text.`;
const MIXED = `Where a thousand flags take turns, the engine's caches miss at each step, and rules take what W3 shows. The fastest other makes functions
  from text.`;

/** What reads are to be: against the fastest SDK of others in the same run. */
export function evaluateGoals(numbers: EvaluateNumbers): readonly Goal[] {
  const ours = numbers.rows.find(({ name }) => name === '@flags/core');
  const ns = (workload: string): number => (ours && timeOf(ours, workload)) ?? Number.NaN;
  const ahead = (workload: string, goal: number, why: string): Goal => ({
    what: `${workload}, times as fast as the fastest other`,
    goal,
    measured: fastestPeer(numbers, workload).ns / ns(workload),
    isMoreBetter: true,
    show: times,
    why,
  });
  const left = SINGLE.map((workload) => {
    const cell = ours?.cells[workload];
    return cell !== undefined && 'bytes' in cell ? cell.bytes : Number.NaN;
  });
  const noise = 'The machine was busy.';
  return [
    { what: 'W1, core', goal: 25, measured: ns('W1'), show: nanoseconds, why: noise },
    ...['W2', 'W4', 'W6'].map((workload) => ahead(workload, 4, noise)),
    ahead('W3', 4, DEMANDS),
    ahead('W5b', 5, RECORD),
    ahead('W7', 6, MIXED),
    { what: 'W7, core', goal: 200, measured: ns('W7'), show: nanoseconds, why: noise },
    {
      what: 'most that a read of one flag leaves on the heap, core',
      goal: 100,
      measured: Math.max(...left),
      show: bytes,
      why: 'It allocates nothing. What the compiler of the engine has not yet got rid of when it is measured is counted.',
    },
  ];
}
