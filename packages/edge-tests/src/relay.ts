import { createHash } from 'node:crypto';
import type { Flag, Ruleset } from '@flags/core';
import type { Relay, RelayOptions } from '@flags/relay';
import { createRelay, generateClientKey, memorySource } from '@flags/relay';
import { canonicalize } from '@flags/sync';

/** A real relay that serves the flag `a`, a text that browsers may see. */
export interface TestRelay {
  readonly url: string;
  readonly key: string;
  /** Changes what the flag gives. */
  set(value: string): void;
  /** Streams that are open. */
  streams(): number;
  close: Relay['close'];
}

function flagA(version: number, value: string): Flag {
  const content = {
    key: 'a',
    type: 'string' as const,
    enabled: true,
    client: true,
    variations: [{ name: 'now', value }],
    off: 'now',
    rules: [],
    fallthrough: { variation: 'now' },
  };
  return { ...content, version, digest: createHash('sha256').update(canonicalize(content)).digest('hex') };
}

/** A ruleset of the flag `a`. */
export function rulesetA(version: number, value: string): Ruleset {
  return { format: 1, environment: 'test', epoch: 'e1', version, flags: { a: flagA(version, value) }, segments: {} };
}

/** Starts a relay whose flag gives this. One that was there before begins at a version, and has a key. */
export async function startTestRelay(
  first: string,
  more: Partial<RelayOptions> = {},
  { version: begin = 1, key = generateClientKey() }: { readonly version?: number; readonly key?: string } = {},
): Promise<TestRelay> {
  let version = begin;
  const source = memorySource(rulesetA(version, first));
  const relay = await createRelay({ source, keys: [key], port: 0, ...more });
  await relay.listen();
  return {
    url: relay.url,
    key,
    set: (value) => {
      version += 1;
      source.apply({ epoch: 'e1', version, flags: { a: flagA(version, value) } });
    },
    streams: () => relay.streams,
    close: () => relay.close(),
  };
}
