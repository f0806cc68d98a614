import type { RunOptions, Section } from '../frame/section.ts';
import { measureFanOut } from './fan-out.ts';
import type { SyncNumbers } from './page.ts';
import { syncPage } from './page.ts';
import { measureRestart } from './restart.ts';
import { measureStalled } from './stalled.ts';
import { measureWire } from './wire.ts';

const BYTES = 1_024;

async function run({ isQuick, log }: RunOptions): Promise<SyncNumbers> {
  const [clients, changes, stalled] = isQuick ? [40, 4, 3] : [10_000, 30, 100];
  const [returning, good] = [Math.ceil(clients * 0.95), Math.ceil(clients / 10)];
  const parts = [
    () => measureFanOut({ clients, changes, bytes: BYTES, restMs: isQuick ? 0 : 2_000, log }),
    () =>
      measureRestart({
        clients: returning,
        flags: isQuick ? 20 : 200,
        outageMs: isQuick ? 0 : 2_000,
        capMs: isQuick ? 300 : 10_000,
        log,
      }),
    () => measureStalled({ good, stalled, changes, bytes: BYTES, stallMs: isQuick ? 300 : 15_000, log }),
  ] as const;
  // What is only to work may run at once; what is measured runs alone.
  const [fanOut, restart, slow] = isQuick
    ? await Promise.all([parts[0](), parts[1](), parts[2]()])
    : [await parts[0](), await parts[1](), await parts[2]()];
  log('bytes on the wire');
  const wire = await measureWire(isQuick ? 50 : 1_000);
  return { clients, changes, bytes: BYTES, returning, good, fanOut, restart, stalled: slow, wire };
}

/** What a push costs. */
export const syncSection: Section<SyncNumbers> = {
  name: 'sync',
  title: 'Pushing a change',
  what: 'a change to 10 000 clients, a relay that is killed, readers that stall, bytes on the wire',
  run,
  render: syncPage,
};
