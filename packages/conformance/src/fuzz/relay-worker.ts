import { parentPort, workerData } from 'node:worker_threads';
import type { Ruleset, RulesetChange } from '@flags/core';
import { createRelay, memorySource } from '@flags/relay';
import { readText } from './text.ts';

/** What the thread of a relay is started with. */
export interface RelayWorkerData {
  readonly keys: readonly string[];
  /** Its clock, in epoch milliseconds: a `Float64Array` of one. */
  readonly clock: SharedArrayBuffer;
}

/** What it is fed with: a document and the changes after it, as `writeText` writes them. */
export interface RelayFeed {
  readonly start: unknown;
  readonly changes: readonly RulesetChange[];
}

const { keys, clock } = workerData as RelayWorkerData;
// A relay asks the clock of its machine, so it gets a machine of its own.
const time = new Float64Array(clock);
Date.now = () => time[0] ?? 0;

let version = 0;
const next = (): { environment: string; epoch: string; version: number } => {
  version += 1;
  return { environment: 'fuzz', epoch: 'e1', version };
};
const nothing = (): Ruleset => ({ format: 1, ...next(), flags: {}, segments: {} });

const source = memorySource(nothing());
const refused: string[] = [];
const never = { requests: false, connects: false, failures: false } as const;
const relay = await createRelay({
  source,
  keys,
  port: 0,
  limits: never,
  onBrokenSource: (problems) => refused.push(...problems.map(({ message }) => message)),
});
await relay.listen();

parentPort?.on('message', (text: string) => {
  try {
    const { start, changes } = readText(text) as RelayFeed;
    // Nothing of the last case is left, whatever versions and digests both have.
    source.replace(nothing());
    source.replace({ ...(start as Ruleset), ...next() });
    for (const change of changes) source.apply({ ...change, version: next().version });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of threads, which have none
    parentPort?.postMessage({ refused: refused.splice(0) });
  } catch (error) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- of threads, which have none
    parentPort?.postMessage({ refused: [String((error as Error).stack)] });
  }
});
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- of threads, which have none
parentPort?.postMessage({ url: relay.url });
