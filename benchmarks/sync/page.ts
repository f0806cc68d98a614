import { bytes as inBytes, table } from '../frame/format.ts';
import type { Page } from '../frame/section.ts';
import type { Row } from '../frame/statistics.ts';
import { cell } from '../frame/statistics.ts';
import type { FanOut } from './fan-out.ts';
import { fanOutRows } from './fan-out.ts';
import type { Restart } from './restart.ts';
import { restartRows } from './restart.ts';
import type { Stalled } from './stalled.ts';
import { stalledRows } from './stalled.ts';
import type { Wire, WireBytes } from './wire.ts';

/** Everything that was measured of pushing changes. */
export interface SyncNumbers {
  readonly clients: number;
  readonly changes: number;
  readonly bytes: number;
  readonly returning: number;
  readonly good: number;
  readonly fanOut: readonly FanOut[];
  readonly restart: Restart;
  readonly stalled: Stalled;
  readonly wire: Wire;
}

const grouped = (count: number): string => count.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');

/** The tables of this section. */
export function syncPage(numbers: SyncNumbers): Page {
  const { clients, changes, bytes, returning, good, fanOut, restart, stalled, wire } = numbers;
  const wireRow = (what: string, of: keyof WireBytes): readonly string[] => [
    what,
    inBytes(wire.relay[of]),
    inBytes(wire.fullPayload[of]),
  ];
  const columns = fanOut.map(fanOutRows);
  const rows = (columns[0] ?? []).map(([what], at) => [what, ...columns.map((column) => column[at]?.[1] ?? '–')]);
  const list = (title: string, of: readonly Row[]): string => table([title, ''], of);
  const pushed = `${grouped(clients)} clients, ${changes} changes of ${grouped(bytes)} B, in turns (best / median)`;
  const text = [
    table([pushed, ...fanOut.map(({ server }) => server)], rows),
    list(`${grouped(returning)} clients of a relay that was killed and started again`, restartRows(restart)),
    list(`${grouped(stalled.cut)} readers that stop reading beside ${grouped(good)} others`, stalledRows(stalled)),
    'Bytes to one client, uncompressed, with HTTP’s and without TLS’s and TCP’s. GrowthBook’s stream sends all flags at each change; that is its payload of the same flags, as one event.',
    table(
      [`${grouped(wire.flags)} flags`, 'relay', 'GrowthBook’s stream'],
      [
        wireRow('one flag changes', 'change'),
        wireRow('coming back, having missed nothing', 'backAfterNone'),
        wireRow('coming back, having missed one change', 'backAfterOne'),
        wireRow('coming for the first time', 'first'),
      ],
    ),
  ].join('\n\n');
  const [relay, bare] = fanOut;
  const p99 = (of: FanOut | undefined): string => (of === undefined ? '–' : cell(of.p99Ms, 'ms'));
  const what = `a change at the last but 1 % of ${grouped(clients)} clients, best / median`;
  return {
    text,
    charts: {},
    highlights: [{ what, ours: p99(relay), others: `${p99(bare)}, a bare loop of node:http` }],
  };
}
