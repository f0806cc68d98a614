import { isDeepStrictEqual } from 'node:util';
import type { Environment } from '../evaluate/neutral.ts';
import { mixedEnvironment } from '../evaluate/workloads.ts';
import type { Passed, Tap } from './tap.ts';
import { startTap } from './tap.ts';
import { growthBook } from './wire-growthbook.ts';
import type { WirePair } from './wire-pair.ts';
import { CHANGED } from './wire-pair.ts';
import { ours } from './wire-ours.ts';

/** Bytes between a client that follows many flags and its server. */
export interface Wire {
  readonly flags: number;
  readonly columns: readonly WireColumn[];
}

/** One SDK with its server. */
export interface WireColumn extends Readonly<Record<Moment, Passed>> {
  readonly name: string;
}

/** What happens to a client, in the order in which it is measured. */
export type Moment = 'first' | 'change' | 'backAfterNone' | 'backAfterOne' | 'anew';

const QUIET_MS = 250;
const PATIENCE_MS = 20_000;

// With and without the first of its rules: that is what each version changes.
function at(environment: Environment, version: number): Environment {
  const flags = environment.flags.map((flag) =>
    flag.key === CHANGED ? { ...flag, rules: flag.rules.slice(version % 2) } : flag,
  );
  if (isDeepStrictEqual(flags, environment.flags) !== (version % 2 === 0)) throw new Error(`There is no ${CHANGED}.`);
  return { ...environment, flags };
}

async function until(holds: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + PATIENCE_MS;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`${what} within ${PATIENCE_MS / 1_000} s`);
    await new Promise((resolve) => void setTimeout(resolve, 5));
  }
}

async function measure({ name, serve, follow }: WirePair, environment: Environment): Promise<WireColumn> {
  const server = await serve(at(environment, 1));
  const tap: Tap = await startTap(server.port);
  let version = 1;
  let client = follow(tap.url);
  const change = (): void => {
    version += 1;
    server.change(at(environment, version));
  };
  // All that is due has passed when the client serves what it should and nothing has come for a while.
  const settle = async (): Promise<Passed> => {
    const isOn = version % 2 === 0;
    await until(() => client.isOn() === isOn, `${name} did not serve version ${version}`);
    const isQuiet = (): boolean => performance.now() - (tap.lastAt() ?? Infinity) > QUIET_MS;
    await until(isQuiet, `${name} did not come to rest`);
    return tap.take();
  };
  const first = await settle();
  change();
  const changed = await settle();
  tap.cut();
  tap.take();
  tap.mend();
  const backAfterNone = await settle();
  tap.cut();
  tap.take();
  change();
  tap.mend();
  const backAfterOne = await settle();
  client.close();
  tap.cut();
  tap.take();
  change();
  tap.mend();
  client = follow(tap.url);
  const anew = await settle();
  client.close();
  await Promise.all([tap.close(), server.close()]);
  return { name, first, change: changed, backAfterNone, backAfterOne, anew };
}

/** What passes between each SDK and its server, with the same flags. A change that the SDK does not serve ends the run. */
export async function measureWire(flags: number): Promise<Wire> {
  const environment = mixedEnvironment(flags);
  const columns: WireColumn[] = [];
  for (const pair of [ours, growthBook]) columns.push(await measure(pair, environment));
  return { flags, columns };
}
