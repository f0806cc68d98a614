import type { Delivered } from './generator-process.ts';
import { startProbe } from './probe.ts';
import type { Worker } from '../frame/processes.ts';
import { startHere } from './worker.ts';
import type { Listening, Pushed, Usage } from './server.ts';
import type { BestAndMedian, Row } from '../frame/statistics.ts';
import { bestAndMedian, cell, quantile } from '../frame/statistics.ts';

/** What is measured of a server that pushes the same change to everyone. */
export interface FanOut {
  readonly server: string;
  readonly connectMs: number;
  readonly p50Ms: BestAndMedian;
  readonly p99Ms: BestAndMedian;
  readonly maxMs: BestAndMedian;
  readonly deliveriesPerSecond: { readonly best: number; readonly median: number };
  readonly cpuMicrosecondsPerDelivery: BestAndMedian;
  /** Of the process, without what the kernel holds for sockets. */
  readonly rssPerClientKb: { readonly idle: number; readonly afterTraffic: number };
  /** Of requests by others while changes go out. */
  readonly othersP99Ms: { readonly health: number; readonly evaluate: number };
}

/** A server to be measured: the file of its process. */
export interface Contender {
  readonly name: string;
  readonly file: string;
}

/** The relay; what it would be without anything of a relay; and the same in C. */
export const contenders = {
  relay: { name: 'relay', file: 'relay-process.ts' },
  bare: { name: 'bare node:http', file: 'bare-process.ts' },
  nchan: { name: 'nginx + nchan', file: 'nchan-process.ts' },
} as const satisfies Readonly<Record<string, Contender>>;

/** How much of it. */
export interface FanOutPlan {
  readonly servers: readonly Contender[];
  readonly clients: number;
  readonly changes: number;
  readonly bytes: number;
  /** Between the clients being there and the first change. */
  readonly restMs: number;
  readonly log: (line: string) => void;
}

interface Target {
  readonly name: string;
  readonly server: Worker;
  readonly clients: Worker;
  readonly port: number;
  readonly connectMs: number;
  readonly emptyRss: number;
  idleRss: number;
  readonly rounds: Delivered[];
  readonly cpu: number[];
}

const rss = async ({ server }: Pick<Target, 'server'>): Promise<number> =>
  (await server.ask<Usage>({ ask: 'usage' })).rssBytes;

async function setUp({ name, file }: Contender, plan: FanOutPlan): Promise<Target> {
  const [server, clients] = [startHere(file), startHere('generator-process.ts')];
  const start = { ask: 'start', port: 0, clients: plan.clients, flags: 20, stallMs: 15_000 };
  const { port } = await server.ask<Listening>(start);
  const emptyRss = await rss({ server });
  plan.log(`${name}: ${plan.clients} clients connect`);
  const question = { ask: 'connect', port, clients: plan.clients, stalled: false };
  const { ms } = await clients.ask<{ readonly ms: number }>(question);
  return { name, server, clients, port, connectMs: ms, emptyRss, idleRss: 0, rounds: [], cpu: [] };
}

async function push(target: Target, { clients, bytes }: FanOutPlan): Promise<Delivered> {
  await target.clients.ask({ ask: 'arm', deliveries: clients });
  const { at } = await target.server.ask<Pushed>({ ask: 'change', bytes });
  return target.clients.ask<Delivered>({ ask: 'collect', pushedAt: at });
}

async function round(target: Target, plan: FanOutPlan): Promise<void> {
  const before = await target.server.ask<Usage>({ ask: 'usage' });
  target.rounds.push(await push(target, plan));
  const after = await target.server.ask<Usage>({ ask: 'usage' });
  target.cpu.push((after.cpuMicroseconds - before.cpuMicroseconds) / plan.clients);
}

async function finish(target: Target, plan: FanOutPlan): Promise<FanOut> {
  plan.log(`${target.name}: other requests during changes`);
  const afterRss = await rss(target);
  const probe = startProbe(target.port);
  for (let left = Math.ceil(plan.changes / 2); left > 0; left -= 1) await push(target, plan);
  await probe.stop();
  await Promise.all([target.server.kill('SIGTERM'), target.clients.kill()]);
  const perClient = (bytes: number): number => (bytes - target.emptyRss) / plan.clients / 1_000;
  const took = target.rounds.map(({ max }) => max);
  return {
    server: target.name,
    connectMs: target.connectMs,
    p50Ms: bestAndMedian(target.rounds.map(({ p50 }) => p50)),
    p99Ms: bestAndMedian(target.rounds.map(({ p99 }) => p99)),
    maxMs: bestAndMedian(took),
    deliveriesPerSecond: {
      best: (plan.clients / quantile(took, 0)) * 1_000,
      median: (plan.clients / quantile(took, 0.5)) * 1_000,
    },
    cpuMicrosecondsPerDelivery: bestAndMedian(target.cpu),
    rssPerClientKb: { idle: perClient(target.idleRss), afterTraffic: perClient(afterRss) },
    othersP99Ms: { health: quantile(probe.health, 0.99), evaluate: quantile(probe.evaluate, 0.99) },
  };
}

/** Servers side by side, each with as many clients: a change to the one, and when all have it one to the next. */
export async function measureFanOut(plan: FanOutPlan): Promise<readonly FanOut[]> {
  const targets: Target[] = [];
  for (const server of plan.servers) targets.push(await setUp(server, plan));
  await new Promise((resolve) => void setTimeout(resolve, plan.restMs));
  for (const target of targets) target.idleRss = await rss(target);
  plan.log(`${plan.changes} changes to each, in turns`);
  for (let change = 0; change < plan.changes; change += 1) {
    for (let at = 0; at < targets.length; at += 1) {
      const target = targets[(at + change) % targets.length];
      if (target !== undefined) await round(target, plan);
    }
  }
  const results: FanOut[] = [];
  for (const target of targets) results.push(await finish(target, plan));
  return results;
}

/** The result as lines of a table. */
export function fanOutRows(result: FanOut): readonly Row[] {
  const { rssPerClientKb, othersP99Ms, deliveriesPerSecond } = result;
  const thousands = (value: number): string => (value / 1_000).toFixed(0);
  return [
    ['delivery p50, best / median', cell(result.p50Ms, 'ms')],
    ['delivery p99', cell(result.p99Ms, 'ms')],
    ['the last delivery', cell(result.maxMs, 'ms')],
    ['deliveries', `${thousands(deliveriesPerSecond.best)} / ${thousands(deliveriesPerSecond.median)} k/s`],
    ['CPU per delivery', cell(result.cpuMicrosecondsPerDelivery, 'µs')],
    ['RSS per client, idle', `${rssPerClientKb.idle.toFixed(1)} kB`],
    ['RSS per client, after traffic', `${rssPerClientKb.afterTraffic.toFixed(1)} kB`],
    ['others meanwhile, p99: GET /healthz', `${othersP99Ms.health.toFixed(1)} ms`],
    ['others meanwhile, p99: POST /v1/evaluate', `${othersP99Ms.evaluate.toFixed(1)} ms`],
    ['all connected in', `${result.connectMs.toFixed(0)} ms`],
  ];
}
