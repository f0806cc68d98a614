import { bytes, milliseconds } from '../frame/format.ts';
import type { Goal } from '../frame/goals.ts';
import type { StartNumbers } from './page.ts';

const CORE = '@flags/core';
const NODE = '@flags/node';
const BUSY = 'The machine was busy: a process that imports nothing took longer as well.';

/** What starts and a change are to be. A cold process is allowed 8 ms over one that imports nothing. */
export function startGoals({ bareMs, rows }: StartNumbers): readonly Goal[] {
  const row = (name: string) => rows.find((one) => one.name === name);
  const at = (flags: number) => row(CORE)?.sizes.find((size) => size.flags === flags);
  const time = (what: string, goal: number, measured = Number.NaN, why = BUSY): Goal => {
    return { what, goal, measured, show: milliseconds, why };
  };
  const held = (what: string, goal: number, measured = Number.NaN): Goal => ({ what, goal, measured, show: bytes });
  return [
    time('1 000 flags to the first answer, core', 5, at(1_000)?.ms),
    held('1 000 flags held, core', 1.5e6, at(1_000)?.heldBytes),
    time('10 000 flags to the first answer, core', 50, at(10_000)?.ms),
    held('10 000 flags held, core', 12e6, at(10_000)?.heldBytes),
    time('a change of one of 10 000 flags, core', 1, at(10_000)?.changeMs),
    time('a cold process to its first answer, core', bareMs + 8, row(CORE)?.coldMs),
    time(
      'a cold process to its first answer, node',
      bareMs + 8,
      row(NODE)?.coldMs,
      'To find and compile three packages takes some 13 ms, half of it the sync engine, and to create the client 4 ms.',
    ),
  ];
}
