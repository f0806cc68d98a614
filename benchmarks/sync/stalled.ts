import type { Delivered } from './generator-process.ts';
import { steadyMs } from '../frame/processes.ts';
import { startHere } from './worker.ts';
import type { Listening, Pushed, Usage } from './server.ts';
import { KEY } from './server.ts';
import type { BestAndMedian, Row } from '../frame/statistics.ts';
import { bestAndMedian, cell } from '../frame/statistics.ts';

/** What readers that do not read cost the others, and the relay. */
export interface Stalled {
  readonly p99MsBefore: BestAndMedian;
  readonly p99MsBeside: BestAndMedian;
  readonly rssPerStalledKb: number;
  /** From the first stalled reader being passed over to the last being cut. */
  readonly cutAfterMs: number;
  readonly cut: number;
  /** Good readers that were cut as well. */
  readonly cutByMistake: number;
}

/** How much of it. */
export interface StalledPlan {
  readonly good: number;
  readonly stalled: number;
  readonly changes: number;
  readonly bytes: number;
  readonly stallMs: number;
  readonly log: (line: string) => void;
}

/** More than what a kernel takes for a reader that does not read. */
const FILL_BYTES = 65_536;
const FILL_CHANGES = 200;

/** So many readers stop reading beside as many others that do not. */
export async function measureStalled(plan: StalledPlan): Promise<Stalled> {
  const [server, good, stalled] = ['relay-process.ts', 'generator-process.ts', 'generator-process.ts'].map(startHere);
  if (server === undefined || good === undefined || stalled === undefined) throw new Error('a process is missing');
  const clients = plan.good + plan.stalled;
  const { port } = await server.ask<Listening>({ ask: 'start', port: 0, clients, flags: 20, stallMs: plan.stallMs });
  const push = async (bytes: number): Promise<number> => {
    await good.ask({ ask: 'arm', deliveries: plan.good });
    const { at } = await server.ask<Pushed>({ ask: 'change', bytes });
    return (await good.ask<Delivered>({ ask: 'collect', pushedAt: at })).p99;
  };
  const changes = async (): Promise<BestAndMedian> => {
    const all: number[] = [];
    for (let left = plan.changes; left > 0; left -= 1) all.push(await push(plan.bytes));
    return bestAndMedian(all);
  };
  const metric = async (name: string): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    const line = (await response.text()).split('\n').find((text) => text.startsWith(`${name} `));
    return Number(line?.slice(name.length));
  };
  const cuts = (): Promise<number> => metric('flags_relay_cuts_total{reason="stalled"}');

  await good.ask({ ask: 'connect', port, clients: plan.good, stalled: false });
  await stalled.ask({ ask: 'connect', port, clients: plan.stalled, stalled: true });
  plan.log(`stalled: ${plan.stalled} readers of ${clients} stop reading`);
  const p99MsBefore = await changes();
  const before = (await server.ask<Usage>({ ask: 'usage' })).rssBytes;
  let since: number | undefined;
  for (let left = FILL_CHANGES; left > 0; left -= 1) {
    await push(FILL_BYTES);
    const late = await metric('flags_relay_queue_depth');
    if (late > 0) since ??= steadyMs();
    if (late + (await cuts()) >= plan.stalled) break;
  }
  if (since === undefined) throw new Error('No reader was ever late: the kernel took everything.');
  plan.log('stalled: all of them are passed over');
  const rssPerStalledKb = ((await server.ask<Usage>({ ask: 'usage' })).rssBytes - before) / plan.stalled / 1_000;
  const p99MsBeside = await changes();
  const deadline = steadyMs() + plan.stallMs * 3;
  while ((await cuts()) < plan.stalled && steadyMs() < deadline) {
    await new Promise((resolve) => void setTimeout(resolve, 50));
  }
  const cutAfterMs = steadyMs() - since;
  const cut = await cuts();
  const { closed } = await good.ask<{ readonly closed: number }>({ ask: 'closed' });
  await Promise.all([server.kill(), good.kill(), stalled.kill()]);
  return { p99MsBefore, p99MsBeside, rssPerStalledKb, cutAfterMs, cut, cutByMistake: closed };
}

/** The result as lines of a table. */
export function stalledRows(result: Stalled): readonly Row[] {
  return [
    ['delivery p99 of the others before, best / median', cell(result.p99MsBefore, 'ms')],
    ['delivery p99 of the others beside them', cell(result.p99MsBeside, 'ms')],
    ['RSS per stalled reader', `${result.rssPerStalledKb.toFixed(0)} kB`],
    ['cut', `${result.cut}, the last after ${(result.cutAfterMs / 1_000).toFixed(1)} s`],
    ['others cut', String(result.cutByMistake)],
  ];
}
