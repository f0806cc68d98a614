import { clearCache, GrowthBookClient, setPolyfills } from '@growthbook/growthbook';
import { EventSource } from 'eventsource';
import { adapter } from '../evaluate/adapters/growthbook.ts';
import { CLIENT_KEY, startGrowthBook } from './growthbook-server.ts';
import type { WirePair } from './wire-pair.ts';
import { CHANGED, USER } from './wire-pair.ts';

/** GrowthBook's SDK, with the `EventSource` that its guide names for Node, and a server of its protocol. */
export const growthBook: WirePair = {
  name: 'GrowthBook’s stream',
  serve: async (environment) => {
    const server = await startGrowthBook(adapter.payload(environment));
    return {
      port: server.port,
      change: (to) => server.publish(adapter.payload(to)),
      close: () => server.close(),
    };
  },
  follow: (url) => {
    let isOpen = false;
    const Watched = new Proxy(EventSource, {
      construct: (target, [address]: [string]) => {
        const source = new target(address);
        source.addEventListener('open', () => (isOpen = true));
        return source;
      },
    });
    setPolyfills({ EventSource: Watched });
    const client = new GrowthBookClient({ apiHost: url, clientKey: CLIENT_KEY });
    let isReady = false;
    const start = async (): Promise<void> => {
      isReady = (await client.init({ streaming: true })).source === 'network';
    };
    void start();
    const { key, ...others } = USER;
    return {
      // It serves before its stream is there.
      isOn: () => (isReady && isOpen ? client.isOn(CHANGED, { attributes: { id: key, ...others } }) : undefined),
      close: () => {
        client.destroy({ destroyAllStreams: true });
        // Else the next client of this process would not ask.
        void clearCache();
      },
    };
  },
};
