import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Ruleset } from '@flags/core';
import type { MemorySource, Relay, RelayOptions } from '@flags/relay';
import { createRelay, memorySource } from '@flags/relay';
import { flagOf, padding, rulesetOf } from '../src/rules.ts';
import type { Bench } from './fault.ts';
import { FLAG, KEY } from './fault.ts';

/** A relay in this process, and its source. */
export interface Started {
  readonly relay: Relay;
  readonly source: MemorySource;
  readonly port: number;
  /** Commits a new version in which the flag serves `on`, or `off`. */
  turn(version: number, on: boolean): void;
}

/** A ruleset in which the flag serves `on` or `off`, among others: with them a change is sent as a delta. */
export function rulesWith(version: number, on: boolean, epoch?: string): Ruleset {
  return rulesetOf(version, [flagOf(FLAG, version, on), ...padding(10)], [], epoch);
}

/** Starts a relay at version 1, with the flag off, unless told otherwise. */
export async function startRelay(
  bench: Bench,
  options: Partial<RelayOptions> = {},
  rules: Ruleset = rulesWith(1, false),
): Promise<Started> {
  const source = memorySource(rules);
  const relay = bench.owns(await createRelay({ source, keys: [KEY], port: 0, ...options }));
  await relay.listen();
  return {
    relay,
    source,
    port: Number(new URL(relay.url).port),
    turn: (version, on) => source.apply({ version, flags: { [FLAG]: flagOf(FLAG, version, on) } }),
  };
}

/** A flag file in a folder of its own. */
export interface FlagFile {
  readonly path: string;
  /** Saves it with the flag on or off. */
  turn(on: boolean): Promise<void>;
}

/** Writes a flag file with the flag off, gone when the case is over. */
export async function flagFile(bench: Bench): Promise<FlagFile> {
  const folder = await mkdtemp(join(tmpdir(), 'flags-faults-'));
  bench.owns({ close: () => rm(folder, { recursive: true, force: true }) });
  const path = join(folder, 'flags.yaml');
  const others = Array.from({ length: 10 }, (_, index) => `  other-${index}: true\n`).join('');
  const turn = (on: boolean): Promise<void> =>
    writeFile(path, `environment: test\nflags:\n  ${FLAG}: ${on}\n${others}`);
  await turn(false);
  return { path, turn };
}
