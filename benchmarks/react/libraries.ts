import { GrowthBook } from '@growthbook/growthbook';
import { GrowthBookProvider, useFeatureIsOn } from '@growthbook/growthbook-react';
import { createLDReactProviderWithClient, useBoolVariation } from '@launchdarkly/react-sdk';
import type { LDReactClient } from '@launchdarkly/react-sdk';
import { useFlag } from '@flags/react';
import { createTestFlags, TestFlagProvider } from '@flags/react/testing';
import { FlagProvider, useFlag as useUnleashFlag } from '@unleash/proxy-client-react';
import { createElement } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { InMemoryStorageProvider, UnleashClient } from 'unleash-proxy-client';

/** A library with so many flags, all off. */
export interface Bound {
  provide(children: ReactNode): ReactElement;
  /** A hook. */
  read(key: string): boolean;
  turnOn(key: string): void | Promise<void>;
}

/** One library, and the package that is measured. */
export interface Library {
  readonly name: string;
  readonly package: string;
  readonly role: 'ours' | 'peer';
  bind(keys: readonly string[]): Bound | Promise<Bound>;
}

const ours: Library = {
  name: '@flags/react',
  package: '@flags/react',
  role: 'ours',
  bind: (keys) => {
    const client = createTestFlags(Object.fromEntries(keys.map((key) => [key, false])));
    return {
      provide: (children) => createElement(TestFlagProvider, { client, children }),
      read: (key) => useFlag(key, false),
      turnOn: (key) => client.set({ [key]: true }),
    };
  },
};

const growthBook: Library = {
  name: 'GrowthBook',
  package: '@growthbook/growthbook-react',
  role: 'peer',
  bind: (keys) => {
    const features = Object.fromEntries(keys.map((key) => [key, { defaultValue: false }]));
    const growthbook = new GrowthBook().initSync({ payload: { features } });
    return {
      provide: (children) => createElement(GrowthBookProvider, { growthbook }, children),
      read: (key) => useFeatureIsOn(key),
      turnOn: (key) => growthbook.setPayload({ features: { ...features, [key]: { defaultValue: true } } }),
    };
  },
};

const unleash: Library = {
  name: 'Unleash',
  package: '@unleash/proxy-client-react',
  role: 'peer',
  bind: async (keys) => {
    const on = new Set<string>();
    const toggles = (): object[] =>
      keys.map((name) => ({ name, enabled: on.has(name), variant: { name: 'disabled', enabled: false } }));
    const unleashClient = new UnleashClient({
      url: 'http://localhost/',
      clientKey: 'key',
      appName: 'benchmark',
      refreshInterval: 0,
      disableMetrics: true,
      storageProvider: new InMemoryStorageProvider(),
      // Its requests are answered here: nothing goes over a network.
      fetch: () => Promise.resolve(Response.json({ toggles: toggles().filter((toggle) => 'enabled' in toggle) })),
    });
    await unleashClient.start();
    return {
      provide: (children) => createElement(FlagProvider, { unleashClient, startClient: false }, children),
      read: (key) => useUnleashFlag(key),
      turnOn: (key) => {
        on.add(key);
        return unleashClient.updateToggles();
      },
    };
  },
};

type Listener = () => void;

// What its hooks ask of a client, from memory.
const launchDarkly: Library = {
  name: 'LaunchDarkly',
  package: '@launchdarkly/react-sdk',
  role: 'peer',
  bind: () => {
    const on = new Set<string>();
    const listeners = new Map<string, Set<Listener>>();
    const client = {
      isReady: () => true,
      getContext: () => ({ kind: 'user', key: 'u' }),
      getInitializationState: () => 'complete',
      getInitializationError: () => undefined,
      onInitializationStatusChange: () => () => {},
      onContextChange: () => () => {},
      boolVariation: (key: string) => on.has(key),
      on: (event: string, listener: Listener) => {
        listeners.set(event, (listeners.get(event) ?? new Set()).add(listener));
      },
      off: (event: string, listener: Listener) => void listeners.get(event)?.delete(listener),
    };
    const Provider = createLDReactProviderWithClient(client as unknown as LDReactClient);
    return {
      provide: (children) => createElement(Provider, null, children),
      read: (key) => useBoolVariation(key, false),
      turnOn: (key) => {
        on.add(key);
        for (const listener of listeners.get(`change:${key}`) ?? []) listener();
      },
    };
  },
};

/** All that are measured. */
export const libraries: readonly Library[] = [ours, growthBook, launchDarkly, unleash];
