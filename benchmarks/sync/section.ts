import { execFileSync } from 'node:child_process';
import { nginxWithNchan } from '@flags/faults/nginx-binary';
import type { RunOptions, Section } from '../frame/section.ts';
import { contenders, measureFanOut } from './fan-out.ts';
import type { Missing, SyncNumbers } from './page.ts';
import { syncGoals } from './goals.ts';
import { syncPage } from './page.ts';
import { measureRestart } from './restart.ts';
import { measureStalled } from './stalled.ts';
import { measureWire } from './wire.ts';

const BYTES = 1_024;

/** A generator and a server open some files beside those of their clients. */
const SPARE_FILES = 500;

// The only thing that may be missing is what cannot be installed: an nginx that is there and does not deliver ends the run.
async function withoutNchan(log: RunOptions['log']): Promise<readonly Missing[]> {
  try {
    await nginxWithNchan();
    return [];
  } catch (error) {
    const why = error instanceof Error ? error.message.replaceAll(/\s*\n\s*/g, ' ').trim() : String(error);
    log(`${contenders.nchan.name} is missing: ${why}`);
    return [{ server: contenders.nchan.name, why }];
  }
}

function assertOpenFiles(needed: number): void {
  // Not a number where there is no limit.
  const allowed = Number(execFileSync('sh', ['-c', 'ulimit -Hn'], { encoding: 'utf8' }));
  if (!(allowed < needed)) return;
  throw new Error(
    `A process needs ${needed} open files, and \`ulimit -Hn\` allows ${allowed}: ask for fewer --clients.`,
  );
}

async function run({ isQuick, amounts, log }: RunOptions): Promise<SyncNumbers> {
  const [clients, changes, stalled] = isQuick
    ? [amounts.clients ?? 40, 4, amounts.stalled ?? 3]
    : [amounts.clients ?? 10_000, 30, amounts.stalled ?? 100];
  assertOpenFiles(clients + stalled + SPARE_FILES);
  const missing = await withoutNchan(log);
  const servers = Object.values(contenders).filter(({ name }) => missing.every(({ server }) => server !== name));
  const [returning, good] = [Math.ceil(clients * 0.95), Math.ceil(clients / 10)];
  const parts = [
    () => measureFanOut({ servers, clients, changes, bytes: BYTES, restMs: isQuick ? 0 : 2_000, log }),
    () =>
      measureRestart({
        clients: returning,
        flags: isQuick ? 20 : 200,
        outageMs: isQuick ? 0 : 2_000,
        capMs: isQuick ? 300 : 10_000,
        log,
      }),
    () => measureStalled({ good, stalled, changes, bytes: BYTES, stallMs: isQuick ? 300 : 15_000, log }),
    () => {
      log('bytes on the wire');
      return measureWire(isQuick ? 50 : 1_000);
    },
  ] as const;
  // What is only to work may run at once; what is measured runs alone.
  const [fanOut, restart, slow, wire] = isQuick
    ? await Promise.all([parts[0](), parts[1](), parts[2](), parts[3]()])
    : [await parts[0](), await parts[1](), await parts[2](), await parts[3]()];
  return { clients, changes, bytes: BYTES, returning, good, fanOut, missing, restart, stalled: slow, wire };
}

/** What a push costs. */
export const syncSection: Section<SyncNumbers> = {
  name: 'sync',
  title: 'Pushing a change',
  what: 'a change to 10 000 clients, a relay that is killed, readers that stall, bytes on the wire, beside nchan and GrowthBook',
  run,
  render: syncPage,
  goals: syncGoals,
};
