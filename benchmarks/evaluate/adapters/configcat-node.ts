import { getClient, PollingMode, User } from 'configcat-node';
import type { SettingKeyValue } from 'configcat-node';
import type { Adapter } from '../adapter.ts';
import { cached, payload, SDK_KEY } from './configcat-payload.ts';

let clients = 0;

/** Reads from the cache that it is given, as its own SDK does from one that it shares with others. */
export const adapter: Adapter<User, SettingKeyValue[]> = {
  name: 'ConfigCat',
  package: 'configcat-node',
  role: 'peer',
  isAsync: true,
  payload,
  load: async (text) => {
    const entry = cached(text);
    clients += 1;
    const client = getClient(SDK_KEY.replace(/.{4}$/, String(clients).padStart(4, '0')), PollingMode.ManualPoll, {
      cache: { get: () => entry, set: () => {} },
      logger: null,
    });
    await client.waitForReady();
    return {
      context: ({ key, country, plan, email, age, version }) => new User(key, email, country, { plan, age, version }),
      boolean: (key, user) => client.getValueAsync(key, false, user),
      text: (key, user) => client.getValueAsync(key, '', user),
      all: (user) => client.getAllValuesAsync(user),
      pick: (all, key) => (all.find(({ settingKey }) => settingKey === key)?.settingValue as boolean | string) ?? false,
      close: () => client.dispose(),
    };
  },
};
