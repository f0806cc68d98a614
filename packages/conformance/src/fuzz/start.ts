import { fileURLToPath } from 'node:url';
import { matrix } from '../matrix.ts';
import type { Program } from '../runtime.ts';
import { bun, deno, installRuntimes, otherNodes } from '../runtimes/installed.ts';
import type { Answerers } from './compare.ts';
import { run } from './program.ts';
import type { FuzzRelay } from './relay.ts';
import { startFuzzRelay } from './relay.ts';

/** Who can be asked: every runtime that is promised, and a relay. */
export const ANSWERERS: readonly string[] = [...matrix.map(({ runtime }) => runtime.name), 'relay'];

const HERE: Pick<Program, 'call' | 'close'> = {
  call: async (input) => run(input as readonly string[]),
  close: async () => {},
};

/** Who is asked when nobody is named: those that `npm test` runs. */
export const USUAL: readonly string[] = [
  ...matrix.filter(({ isInTest }) => isInTest).map(({ runtime }) => runtime.name),
  'relay',
];

/** Answerers that run. */
export interface Started extends Answerers {
  /** How often the oracle came across what. */
  readonly coverage: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** Starts real runtimes and a relay: those named, or the usual ones. */
export async function startAnswerers(names: readonly string[] = USUAL): Promise<Started> {
  const entry = fileURLToPath(new URL('program.ts', import.meta.url));
  const programs = new Map<string, Pick<Program, 'call' | 'close'>>();
  let relay: FuzzRelay | undefined;
  const close = async (): Promise<void> => {
    await Promise.all([...Array.from(programs.values(), (program) => program.close()), relay?.close()]);
  };
  try {
    if ([...otherNodes, deno, bun].some(({ name }) => names.includes(name))) await installRuntimes();
    for (const { runtime } of matrix)
      if (names.includes(runtime.name)) programs.set(runtime.name, await runtime.load(entry));
    if (names.includes('relay')) relay = await startFuzzRelay();
    // A relay is held to core, and core has to be held to the oracle.
    if (programs.size === 0) programs.set('core', HERE);
  } catch (error) {
    await close();
    throw error;
  }
  const coverage = new Map<string, number>();
  const notice = (what: string): void => void coverage.set(what, (coverage.get(what) ?? 0) + 1);
  return { programs, relay, notice, coverage, close };
}
