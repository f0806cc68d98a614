// What a relay takes to push a change to many clients, beside a bare loop that does nothing else; what happens when it is
// killed; what readers that do not read cost. Servers and clients are processes of their own, on this machine alone.
// Run: node --conditions=@flags/source benchmarks/relay/main.ts [--quick] [--json] [--clients=10000] [--changes=30] [--stalled=100] [--only=fan-out|restart|stalled]
import { fanOutRows, measureFanOut } from './fan-out.ts';
import { measureRestart, restartRows } from './restart.ts';
import { measureStalled, stalledRows } from './stalled.ts';
import type { Row } from './statistics.ts';

const words = process.argv.slice(2);
const isQuick = words.includes('--quick');
const option = (name: string, usual: number, quick: number): number =>
  Number(words.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? (isQuick ? quick : usual));
const clients = option('clients', 10_000, 40);
const changes = option('changes', 30, 4);
const stalled = option('stalled', 100, 3);
const only = words.find((word) => word.startsWith('--only='))?.slice(7);
const bytes = 1_024;
const returning = Math.ceil(clients * 0.95);
const good = Math.ceil(clients / 10);
const log = (line: string): void => void process.stderr.write(`${line}\n`);

const isWanted = (name: string): boolean => only === undefined || only === name;

const scenarios = [
  async () =>
    isWanted('fan-out')
      ? await measureFanOut({ clients, changes, bytes, restMs: isQuick ? 0 : 2_000, log })
      : undefined,
  async () =>
    isWanted('restart')
      ? await measureRestart({
          clients: returning,
          flags: isQuick ? 20 : 200,
          outageMs: isQuick ? 0 : 2_000,
          capMs: isQuick ? 300 : 10_000,
          log,
        })
      : undefined,
  async () =>
    isWanted('stalled')
      ? await measureStalled({ good, stalled, changes, bytes, stallMs: isQuick ? 300 : 15_000, log })
      : undefined,
] as const;
// What is only to work may run at once; what is measured runs alone.
const [fanOut, restart, slow] = isQuick
  ? await Promise.all([scenarios[0](), scenarios[1](), scenarios[2]()])
  : [await scenarios[0](), await scenarios[1](), await scenarios[2]()];

if (words.includes('--json')) {
  process.stdout.write(
    `${JSON.stringify({ clients, changes, bytes, fanOut, restart, stalled: slow }, undefined, 2)}\n`,
  );
} else {
  const table = (title: string, rows: readonly Row[]): void =>
    void process.stdout.write(`\n${title}\n${rows.map(([what, value]) => `  ${what.padEnd(50)} ${value}\n`).join('')}`);
  for (const result of fanOut ?? [])
    table(`${clients} clients, ${changes} changes of ${bytes} B: ${result.server}`, fanOutRows(result));
  if (restart !== undefined) table(`${returning} clients of a relay that was killed`, restartRows(restart));
  if (slow !== undefined) table(`${stalled} stalled readers beside ${good} others`, stalledRows(slow));
}
process.exit(0);
