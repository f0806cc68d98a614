import { getClient, PollingMode } from '@configcat/sdk';
import type { IUser } from '@configcat/sdk';
import type { Adapter } from '../adapter.ts';
import type { Value } from '../neutral.ts';
import { cached, payload, SDK_KEY } from './configcat-payload.ts';

let clients = 0;

/** Reads from a snapshot, which is its way without promises. */
export const adapter: Adapter<IUser, Map<string, Value>> = {
  name: 'ConfigCat (snapshot)',
  package: '@configcat/sdk',
  role: 'peer',
  payload,
  load: async (text) => {
    const entry = cached(text);
    clients += 1;
    const client = getClient(SDK_KEY.replace(/.{4}$/, String(clients).padStart(4, '0')), PollingMode.ManualPoll, {
      cache: { get: () => entry, set: () => {} },
      logger: null,
    });
    await client.waitForReady();
    const snapshot = client.snapshot();
    const keys = snapshot.getAllKeys();
    return {
      context: ({ key, country, plan, email, age, version }) => ({
        identifier: key,
        email,
        country,
        custom: { plan, age, version },
      }),
      boolean: (key, user) => snapshot.getValue(key, false, user),
      text: (key, user) => snapshot.getValue(key, '', user),
      all: (user) => {
        const all = new Map<string, Value>();
        for (const key of keys) all.set(key, snapshot.getValue<Value | null>(key, null, user) as Value);
        return all;
      },
      pick: (all, key) => all.get(key) ?? false,
      close: () => client.dispose(),
    };
  },
};
