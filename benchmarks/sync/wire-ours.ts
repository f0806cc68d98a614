import { createHash } from 'node:crypto';
import type { Ruleset } from '@flags/core';
import { createClient } from '@flags/node';
import { createRelay, memorySource } from '@flags/relay';
import { toFlag, toRuleset } from '../evaluate/adapters/ruleset.ts';
import type { Environment } from '../evaluate/neutral.ts';
import { KEY } from './server.ts';
import type { WirePair } from './wire-pair.ts';
import { CHANGED, USER } from './wire-pair.ts';

// Digests as they come from an origin: half of what a small flag weighs cannot be compressed.
const digest = (entry: unknown): string => createHash('sha256').update(JSON.stringify(entry)).digest('hex');

function withDigests(environment: Environment): Ruleset {
  const ruleset = toRuleset(environment);
  const sealed = <Entry extends object>(entries: Readonly<Record<string, Entry>>): Record<string, Entry> =>
    Object.fromEntries(Object.entries(entries).map(([key, entry]) => [key, { ...entry, digest: digest(entry) }]));
  return { ...ruleset, flags: sealed(ruleset.flags), segments: sealed(ruleset.segments) };
}

/** A relay, and our client for servers. */
export const ours: WirePair = {
  name: 'relay',
  serve: async (environment) => {
    const source = memorySource(withDigests(environment));
    const relay = await createRelay({ source, keys: [KEY], port: 0 });
    await relay.listen();
    let version = 1;
    return {
      port: Number(new URL(relay.url).port),
      change: ({ flags }) => {
        version += 1;
        const changed = flags.filter(({ key }) => key === CHANGED).map(toFlag);
        const entries = changed.map((flag) => [flag.key, { ...flag, version, digest: digest(flag) }] as const);
        source.apply({ version, flags: Object.fromEntries(entries) });
      },
      close: () => relay.close(),
    };
  },
  follow: (url) => {
    const client = createClient({ url, key: KEY, exposures: false });
    const { key, ...others } = USER;
    return {
      isOn: () => {
        const { value, source } = client.details(CHANGED, false, { targetingKey: key, ...others });
        return source === 'network' ? value : undefined;
      },
      close: () => void client.close(),
    };
  },
};
