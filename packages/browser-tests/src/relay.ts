import { createRelay, generateClientKey, memorySource } from '@flags/relay';
import type { Relay, RelayOptions } from '@flags/relay';
import { flagA, rulesetA } from './flags.ts';

/** A real relay that serves the flag `a` to pages of any origin. */
export interface TestRelay {
  readonly url: string;
  readonly key: string;
  readonly streams: () => number;
  /** Changes what the flag gives; answers when that was, epoch milliseconds. */
  readonly set: (value: string) => number;
  readonly close: Relay['close'];
}

/** Starts a relay that says `first`. */
export async function startTestRelay(first: string, more: Partial<RelayOptions> = {}): Promise<TestRelay> {
  let version = 1;
  const key = generateClientKey();
  const source = memorySource(rulesetA(version, first));
  const relay = await createRelay({ source, keys: [key], origins: ['*'], port: 0, ...more });
  await relay.listen();
  return {
    url: relay.url,
    key,
    streams: () => relay.streams,
    set: (value) => {
      version += 1;
      source.apply({ epoch: 'e1', version, flags: { a: flagA(version, value) } });
      return Date.now();
    },
    close: () => relay.close(),
  };
}
