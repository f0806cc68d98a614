import { bytes, milliseconds, table } from '../frame/format.ts';
import type { Page } from '../frame/section.ts';

/** A start with so many flags: the quickest, and the median of what is held. */
export interface SizedStart {
  readonly flags: number;
  readonly payloadBytes: number;
  readonly ms: number;
  readonly heldBytes: number;
  /** Of one flag of them, where the SDK takes changes. */
  readonly changeMs?: number;
}

/** One SDK. */
export interface StartRow {
  readonly name: string;
  readonly role: 'ours' | 'peer' | 'ceiling';
  readonly sizes: readonly SizedStart[];
  readonly coldMs: number;
}

/** Everything that was measured of starts. */
export interface StartNumbers {
  readonly rounds: number;
  /** To the first line of a program that imports nothing. */
  readonly bareMs: number;
  readonly rows: readonly StartRow[];
}

const bold = ({ name, role }: StartRow): string =>
  role === 'ours' ? `**${name}**` : role === 'ceiling' ? `_${name}_` : name;
const grouped = (count: number): string => count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');

/** The tables and the chart of this section. */
export function startPage({ rounds, bareMs, rows }: StartNumbers): Page {
  const counts = rows[0]?.sizes.map(({ flags }) => flags) ?? [];
  const per = (row: StartRow, tell: (size: SizedStart) => string): readonly string[] => row.sizes.map(tell);
  const heads = (what: string): readonly string[] => counts.map((flags) => `${what}, ${grouped(flags)} flags`);
  const last = (row: StartRow): number | undefined => row.sizes.at(-1)?.changeMs;
  const most = grouped(counts.at(-1) ?? 0);
  const text = [
    `Flags of ten kinds in each SDK's own format. The quickest of ${rounds} fresh processes, by the clock: parse, compile, first answer; then what is
held, without the text. A process of its own with 100 flags in a file takes so long from its start to the first answer; one that imports
nothing is at its first line after ${milliseconds(bareMs)}.`,
    '![From the start of a process to the first answer](results/start-cold.svg)',
    table(
      ['', ...heads('first answer'), ...heads('held'), 'cold process'],
      rows.map((row) => [
        bold(row),
        ...per(row, ({ ms }) => milliseconds(ms)),
        ...per(row, ({ heldBytes }) => bytes(heldBytes)),
        milliseconds(row.coldMs),
      ]),
    ),
    `One flag of ${most} changes: from the text of the change to the first answer after it. LaunchDarkly and we take that flag alone; flagd and
GrowthBook take everything anew; the others have no way to it without a network.`,
    table(
      ['', `a change at ${most} flags`],
      rows.flatMap((row) => {
        const ms = last(row);
        return ms === undefined ? [] : [[bold(row), milliseconds(ms)]];
      }),
    ),
  ].join('\n\n');
  const bars = rows.map(({ name, role, coldMs }) => ({ name, role, value: coldMs, label: milliseconds(coldMs) }));
  const bare = { name: 'nothing imported', role: 'ceiling', value: bareMs, label: milliseconds(bareMs) } as const;
  const ours = rows.find(({ name }) => name === '@flags/node') ?? rows.find(({ role }) => role === 'ours');
  const peers = rows.filter(({ role }) => role === 'peer');
  const best = peers.toSorted((a, b) => a.coldMs - b.coldMs)[0];
  return {
    text,
    charts: {
      'start-cold.svg': {
        title: 'From the start of a process to the first answer, 100 flags',
        bars: [bare, ...bars],
        isLogarithmic: false,
      },
    },
    highlights: [
      {
        what: 'from the start of a process to the first answer, 100 flags',
        ours: milliseconds(ours?.coldMs ?? Number.NaN),
        others: `${milliseconds(best?.coldMs ?? Number.NaN)}, ${best?.name ?? '–'}`,
      },
    ],
  };
}
