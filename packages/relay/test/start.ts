import { afterEach } from 'vitest';
import type { MemorySource, Relay, RelayCommit, RelayOptions } from '../src/index.ts';
import { createRelay, memorySource } from '../src/index.ts';
import type { StreamReader } from './reader.ts';
import { openStream } from './reader.ts';
import { flag, manyFlags, ruleset, segment } from './ruleset.ts';

/** A server key that every started relay knows. */
export const KEY = 'sk_0123456789abcdef';
/** A client key that every started relay knows. */
export const CLIENT_KEY = 'ck_public';
/** What is closed after the test, last first. */
export const open: { close(): unknown }[] = [];

afterEach(async () => {
  for (let one = open.pop(); one !== undefined; one = open.pop()) await one.close();
});

/** A relay that listens, and ways to talk to it. */
export interface Started {
  readonly relay: Relay;
  readonly source: MemorySource;
  readonly commits: RelayCommit[];
  readonly stream: (path?: string, headers?: Readonly<Record<string, string>>) => Promise<StreamReader>;
  readonly get: (path: string, headers?: Readonly<Record<string, string>>) => Promise<Response>;
}

/** Starts a relay on ten private flags, one for clients and a segment, unless told otherwise. */
export async function start(options: Partial<RelayOptions> = {}): Promise<Started> {
  const source = memorySource(
    ruleset(1, [...manyFlags(10), flag('public', 1, { client: true })], [segment('s', 1, { include: ['u'] })]),
  );
  const commits: RelayCommit[] = [];
  const relay = await createRelay({
    source,
    keys: [KEY, CLIENT_KEY],
    port: 0,
    onCommit: (commit) => commits.push(commit),
    ...options,
  });
  open.push(relay);
  await relay.listen();
  const auth = { authorization: `Bearer ${KEY}` };
  return {
    relay,
    source,
    commits,
    stream: async (path = '/v1/stream', headers = auth) => {
      const reader = await openStream(`${relay.url}${path}`, headers);
      open.push(reader);
      return reader;
    },
    get: (path, headers = auth) => fetch(`${relay.url}${path}`, { headers }),
  };
}

/** Until a condition holds; the test's own timeout ends it otherwise. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => void setTimeout(resolve, 5));
}
