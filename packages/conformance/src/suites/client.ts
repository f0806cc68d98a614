import type { CreateVerifier } from '@flags/sync';
import { expectSame } from './case.ts';
import type { Case } from './case.ts';
import type { Remote } from './remote.ts';

/** A client of the platform's own package. */
export interface SuiteClient {
  /** What the flag `a` gives, or `default`. */
  read(): Promise<unknown>;
  /** Why it has nothing newer, once it knows. */
  problem(): string | undefined;
  close(): Promise<void>;
}

/** What a client is started with. */
export interface ClientStart {
  readonly url: string;
  readonly key: string;
  readonly verify?: CreateVerifier;
}

/** How the platform's package is used. */
export interface ClientPlatform {
  readonly startClient: (start: ClientStart) => SuiteClient;
  readonly verifyKeys: (keys: readonly string[]) => CreateVerifier;
  /** Whether it holds a stream, over which changes come. */
  readonly isPushed: boolean;
}

const PATIENCE = 8_000;
const PAUSE = 20;

/** The platform's client and a real relay. */
export function clientCases({ startClient, verifyKeys, isPushed }: ClientPlatform, remote: Remote): readonly Case[] {
  return [
    {
      name: 'reads what a relay says, hears of a change, and leaves nothing open',
      run: async () => {
        const relay = await remote.startRelay('one');
        const client = startClient(relay);
        await until(() => client.read(), 'one');
        expectSame(await remote.streams(relay), isPushed ? 1 : 0);
        await remote.set(relay, 'größe 😀');
        await until(() => client.read(), 'größe 😀');
        await client.close();
        await until(() => remote.streams(relay), 0);
        expectSame(await client.read(), 'größe 😀');
      },
    },
    {
      name: 'uses what a pinned key has signed, and the changes after it',
      run: async () => {
        const relay = await remote.startRelay('one');
        const client = startClient({ ...relay, verify: verifyKeys([relay.publicKey]) });
        await until(() => client.read(), 'one');
        await remote.set(relay, 'two');
        await until(() => client.read(), 'two');
        await client.close();
      },
    },
    {
      name: 'uses nothing that another key has signed',
      run: async () => {
        const [relay, other] = [await remote.startRelay('one'), await remote.startRelay('other')];
        const client = startClient({ ...relay, verify: verifyKeys([other.publicKey]) });
        expectSame(await client.read(), 'default');
        await until(async () => (await client.read()) === 'default' && typeof client.problem(), 'string');
        await client.close();
      },
    },
    {
      name: 'gives defaults while a key is refused',
      run: async () => {
        const relay = await remote.startRelay('one');
        const client = startClient({ url: relay.url, key: `${relay.key}x` });
        await until(async () => (await client.read()) === 'default' && typeof client.problem(), 'string');
        await client.close();
      },
    },
  ];
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, PAUSE);
  });
}

/** Waits until this gives what it should. */
async function until(read: () => Promise<unknown>, wanted: unknown): Promise<void> {
  const end = Date.now() + PATIENCE;
  for (;;) {
    const given = await read();
    if (given === wanted) return;
    if (Date.now() > end) throw new Error(`still ${JSON.stringify(given)}, not ${JSON.stringify(wanted)}`);
    await pause();
  }
}
