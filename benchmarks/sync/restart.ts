import type { Back } from './generator-process.ts';
import { startHere } from './worker.ts';
import type { Listening, Usage } from './server.ts';
import type { Row } from '../frame/statistics.ts';

/** What is measured of a relay that is killed and started again while all its clients come back. */
export interface Restart extends Back {
  /** Above a relay without clients that has just started. */
  readonly rssPeakMb: number;
}

/** How much of it. */
export interface RestartPlan {
  readonly clients: number;
  /** About half a kilobyte each. */
  readonly flags: number;
  readonly outageMs: number;
  /** Of the clients' backoff, `U(0, min(cap, 1 s · 2^n))`. */
  readonly capMs: number;
  readonly log: (line: string) => void;
}

/** Kills a relay without warning, and counts from the moment that the next one listens. Each client gets everything anew. */
export async function measureRestart(plan: RestartPlan): Promise<Restart> {
  const clients = startHere('generator-process.ts');
  const first = startHere('relay-process.ts');
  const start = { ask: 'start', clients: plan.clients, flags: plan.flags, stallMs: 15_000 };
  const { port } = await first.ask<Listening>({ ...start, port: 0 });
  plan.log(`restart: ${plan.clients} clients connect`);
  await clients.ask({ ask: 'connect', port, clients: plan.clients, stalled: false });
  await clients.ask({ ask: 'comeBack', capMs: plan.capMs });
  plan.log('restart: killed');
  await first.kill();
  await new Promise((resolve) => void setTimeout(resolve, plan.outageMs));
  const second = startHere('relay-process.ts');
  const { at } = await second.ask<Listening>({ ...start, port });
  const { rssBytes: empty } = await second.ask<Usage>({ ask: 'usage' });
  let peak = 0;
  let isWatching = true;
  const watch = async (): Promise<void> => {
    while (isWatching) {
      peak = Math.max(peak, (await second.ask<Usage>({ ask: 'usage' })).rssBytes);
      await new Promise((resolve) => void setTimeout(resolve, 100));
    }
  };
  const watched = watch();
  const back = await clients.ask<Back>({ ask: 'allBack', since: at });
  isWatching = false;
  await watched;
  await Promise.all([clients.kill(), second.kill()]);
  return { ...back, rssPeakMb: (peak - empty) / 1e6 };
}

/** The result as lines of a table. */
export function restartRows(result: Restart): readonly Row[] {
  const { p50, p99, max } = result;
  return [
    ['back, 50 / 99 / 100 %', `${[p50, p99, max].map((ms) => (ms / 1_000).toFixed(1)).join(' / ')} s`],
    ['attempts while nothing listened', String(result.refused)],
    ['attempts that failed once it listened', String(result.failures)],
    ['RSS above an empty relay, at most', `${result.rssPeakMb.toFixed(0)} MB`],
  ];
}
