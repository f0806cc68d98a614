import { bytes as inBytes, table } from '../frame/format.ts';
import type { Highlight, Page } from '../frame/section.ts';
import type { Row } from '../frame/statistics.ts';
import { cell } from '../frame/statistics.ts';
import type { FanOut } from './fan-out.ts';
import { fanOutRows } from './fan-out.ts';
import type { Restart } from './restart.ts';
import { restartRows } from './restart.ts';
import type { Stalled } from './stalled.ts';
import { stalledRows } from './stalled.ts';
import type { Passed } from './tap.ts';
import type { Moment, Wire, WireColumn } from './wire.ts';

/** Everything that was measured of pushing changes. */
export interface SyncNumbers {
  readonly clients: number;
  readonly changes: number;
  readonly bytes: number;
  readonly returning: number;
  readonly good: number;
  readonly fanOut: readonly FanOut[];
  /** Servers that could not be had, and why. */
  readonly missing: readonly Missing[];
  readonly restart: Restart;
  readonly stalled: Stalled;
  readonly wire: Wire;
}

/** A server that was to be measured. */
export interface Missing {
  readonly server: string;
  readonly why: string;
}

const MOMENTS: Readonly<Record<Moment, string>> = {
  change: 'one flag changes',
  backAfterNone: 'back with its position, having missed nothing',
  backAfterOne: 'back with its position, having missed one change',
  anew: 'back without it, as a new process',
  first: 'there for the first time',
};

const grouped = (count: number): string => count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');

function wireTable({ flags, columns }: Wire): string {
  const cells = ({ received, sent, answers }: Passed): readonly string[] => [
    `${inBytes(received)} / ${inBytes(sent)}`,
    answers.join(', '),
  ];
  const rows = Object.entries(MOMENTS).map(([moment, what]) => [
    what,
    ...columns.flatMap((column) => cells(column[moment as Moment])),
  ]);
  return table(
    [`${grouped(flags)} flags, a client received / sent`, ...columns.flatMap(({ name }) => [name, 'which was'])],
    rows,
  );
}

/** The tables of this section. */
export function syncPage(numbers: SyncNumbers): Page {
  const { clients, changes, bytes, returning, good, fanOut, missing, restart, stalled, wire } = numbers;
  const columns = fanOut.map(fanOutRows);
  const rows = (columns[0] ?? []).map(([what], at) => [
    what,
    ...columns.map((column) => column[at]?.[1] ?? '–'),
    ...missing.map(() => '–'),
  ]);
  const list = (title: string, of: readonly Row[]): string => table([title, ''], of);
  const pushed = `${grouped(clients)} clients, ${changes} changes of ${grouped(bytes)} B, in turns (best / median)`;
  const text = [
    table([pushed, ...[...fanOut, ...missing].map(({ server }) => server)], rows),
    ...missing.map(({ server, why }) => `**${server} was not measured**: ${why}`),
    list(`${grouped(returning)} clients of a relay that was killed and started again`, restartRows(restart)),
    list(`${grouped(stalled.cut)} readers that stop reading beside ${grouped(good)} others`, stalledRows(stalled)),
    'Bytes between one client, the SDK itself, and its server: with HTTP’s, without TLS’s and TCP’s. Streams are not compressed. What is fetched is, and these flags are so much alike that yours will take more.',
    wireTable(wire),
  ].join('\n\n');
  return { text, charts: {}, highlights: quoted(numbers) };
}

function quoted({ clients, fanOut, wire }: SyncNumbers): readonly Highlight[] {
  const p99 = (of: FanOut | undefined): string => (of === undefined ? '–' : cell(of.p99Ms, 'ms'));
  const [relay, ...others] = fanOut;
  const best = others.toSorted((a, b) => a.p99Ms.best - b.p99Ms.best)[0];
  const [ours, theirs] = wire.columns;
  const changed = (of: WireColumn | undefined): string => (of === undefined ? '–' : inBytes(of.change.received));
  return [
    {
      what: `a change at the last but 1 % of ${grouped(clients)} clients, best / median`,
      ours: p99(relay),
      others: `${p99(best)}, ${best?.server}`,
    },
    {
      what: `what a client receives when one of ${grouped(wire.flags)} flags changes`,
      ours: changed(ours),
      others: `${changed(theirs)}, ${theirs?.name}`,
    },
  ];
}
