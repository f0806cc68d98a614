import type { Chart } from '../frame/chart.ts';
import { bytes, nanoseconds, ratio, table } from '../frame/format.ts';
import type { Highlight, Page } from '../frame/section.ts';

/** One adapter's numbers of one workload, or why it has none. */
export type Cell =
  | { readonly ns: number; readonly rounds: readonly number[]; readonly bytes: number }
  | { readonly cannot: string };

/** One adapter. */
export interface Row {
  readonly name: string;
  readonly version: string;
  readonly role: 'ours' | 'peer' | 'ceiling';
  readonly isAsync: boolean;
  readonly cells: Readonly<Record<string, Cell>>;
}

/** Everything that was measured of reads. */
export interface EvaluateNumbers {
  readonly rounds: number;
  readonly workloads: readonly { readonly name: string; readonly what: string }[];
  readonly rows: readonly Row[];
}

/** The time of a read in a workload, `undefined` where the adapter has none. */
export const timeOf = (row: Row, workload: string): number | undefined => {
  const cell = row.cells[workload];
  return cell !== undefined && 'ns' in cell ? cell.ns : undefined;
};

/** The fastest SDK of others in a workload. */
export function fastestPeer(
  { rows }: EvaluateNumbers,
  workload: string,
): { readonly name: string; readonly ns: number } {
  const peers = rows.flatMap((row) => {
    const ns = timeOf(row, workload);
    return row.role === 'peer' && ns !== undefined ? [{ name: row.name, ns }] : [];
  });
  return peers.toSorted((a, b) => a.ns - b.ns)[0] ?? { name: '–', ns: Number.NaN };
}

const shownName = (row: Row): string => {
  const name = [row.name, row.version, row.isAsync ? '*' : ''].filter(Boolean).join(' ');
  return row.role === 'ours' ? `**${name}**` : row.role === 'ceiling' ? `_${name}_` : name;
};

/** How far the middle half of the rounds lies apart, in per cent of the median. */
function spread(rounds: readonly number[], median: number): number {
  const sorted = rounds.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round((sorted.length - 1) * share)] ?? median;
  return ((at(0.75) - at(0.25)) / median) * 100;
}

/** The tables and the charts of this section. */
export function evaluatePage(numbers: EvaluateNumbers): Page {
  const { rows, workloads, rounds } = numbers;
  const names = workloads.map(({ name }) => name);
  const timeRow = (row: Row): readonly string[] => [
    shownName(row),
    ...names.map((name) => {
      const ns = timeOf(row, name);
      return ns === undefined ? '–' : `${nanoseconds(ns)} (${ratio(ns / fastestPeer(numbers, name).ns)})`;
    }),
  ];
  const byteRow = (row: Row): readonly string[] => [
    shownName(row),
    ...names.map((name) => {
      const cell = row.cells[name];
      return cell !== undefined && 'bytes' in cell ? bytes(cell.bytes) : '–';
    }),
  ];
  const spreads = rows.flatMap(({ cells }) =>
    Object.values(cells).flatMap((cell) => ('ns' in cell ? [spread(cell.rounds, cell.ns)] : [])),
  );
  const middle = spreads.toSorted((a, b) => a - b)[Math.floor(spreads.length / 2)] ?? 0;
  const why = rows.flatMap(({ name, cells }) =>
    Object.entries(cells).flatMap(([at, cell]) => ('cannot' in cell ? [`- ${name}, ${at}: ${cell.cannot}.`] : [])),
  );
  const text = [
    workloads.map(({ name, what }) => `**${name}** ${what}`).join(' · '),
    `CPU time of a read: the median of ${rounds} rounds, and how many times the fastest SDK of others that is. The middle half of an
adapter's rounds lies ${middle.toFixed(0)} % apart. \`*\`: its reads give promises, which were awaited.`,
    '![One of 1 000 flags for one of 1 000 users](results/evaluate-w7.svg)',
    table(['CPU time of a read', ...names], rows.map(timeRow)),
    '![All of 1 000 flags for a user](results/evaluate-w5b.svg)',
    table(['bytes that a read leaves on the heap', ...names], rows.map(byteRow)),
    ...(why.length === 0 ? [] : [`What is not there:\n\n${why.join('\n')}`]),
  ].join('\n\n');
  const highlight = (workload: string, what: string): Highlight => {
    const ours = rows.find(({ name }) => name === '@flags/node');
    const { name, ns } = fastestPeer(numbers, workload);
    const mine = ours === undefined ? undefined : timeOf(ours, workload);
    return { what, ours: nanoseconds(mine ?? Number.NaN), others: `${nanoseconds(ns)}, ${name}` };
  };
  return {
    text,
    highlights: [
      highlight('W7', 'CPU time to read any of 1 000 flags for any of 1 000 users'),
      highlight('W5b', 'to read all of 1 000 flags for a user'),
    ],
    charts: {
      'evaluate-w7.svg': chart(rows, 'W7', 'CPU time to read any of 1 000 flags for any of 1 000 users (W7)'),
      'evaluate-w5b.svg': chart(rows, 'W5b', 'CPU time to read all of 1 000 flags for a user (W5b)'),
    },
  };
}

function chart(rows: readonly Row[], workload: string, title: string): Chart {
  const bars = rows.flatMap((row) => {
    const value = timeOf(row, workload);
    return value === undefined ? [] : [{ name: row.name, value, label: nanoseconds(value), role: row.role }];
  });
  return { title, bars, isLogarithmic: true };
}
