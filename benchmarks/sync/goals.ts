import type { Goal } from '../frame/goals.ts';
import type { SyncNumbers } from './page.ts';

const SYSTEM = `Four fifths of a delivery are the system's \`write\`: a bare loop and nginx in C, in turns with it, took longer on the same machine.`;

/** What a push to 10 000 clients is to cost, by the run in the middle. */
export function syncGoals({ fanOut }: SyncNumbers): readonly Goal[] {
  const relay = fanOut.find(({ server }) => server === 'relay');
  if (relay === undefined) return [];
  const inUnit = (unit: string) => (value: number) => `${value.toFixed(1)} ${unit}`;
  return [
    {
      what: 'a change at the last but 1 % of all clients',
      goal: 112,
      measured: relay.p99Ms.median,
      show: inUnit('ms'),
      why: SYSTEM,
    },
    {
      what: 'CPU of a delivery',
      goal: 11,
      measured: relay.cpuMicrosecondsPerDelivery.median,
      show: inUnit('µs'),
      why: SYSTEM,
    },
    {
      what: 'memory of a client, after traffic',
      goal: 6,
      measured: relay.rssPerClientKb.afterTraffic,
      show: inUnit('kB'),
      why: `Over half of it is room of V8's for what is short-lived, 0.3 kB are the relay's own. [A setting](../packages/relay/docs/streams.md#memory) takes over 2 kB off.`,
    },
  ];
}
