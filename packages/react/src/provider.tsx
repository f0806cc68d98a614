import { useEffect, useMemo, useState } from 'react';
import type { ReactElement, ReactNode } from 'react';
import type { ContextClient, ValuesBootstrap } from '@flags/sync';
import { isValuesBootstrap } from '@flags/sync';
import { useBeforePaint } from './before-paint.ts';
import { FlagContext } from './flag-context.ts';
import { createSource } from './source.ts';
import { createStaticClient } from './static-client.ts';

/** Where the flags below a provider come from. */
export interface FlagProviderProps {
  /** A client that you made and will close. */
  readonly client?: ContextClient | undefined;
  /**
   * Makes the client instead: once, when the provider is in the page and before the first paint; never on a server. It is closed
   * with the provider. `create={() => createClient({ url, key })}`
   */
  readonly create?: (() => ContextClient) | undefined;
  /**
   * Values that the server rendered with. They are what is read while rendering on a server and hydrating, whatever changed in
   * between; then the client's are. Default: those that the page brings along in `window.__FLAG_BOOTSTRAP__`.
   */
  readonly bootstrap?: ValuesBootstrap | undefined;
  readonly children?: ReactNode;
}

/** Gives the components below it their flags. */
export function FlagProvider({ client, create, bootstrap, children }: FlagProviderProps): ReactElement {
  const [initial] = useState(() => createStaticClient(valuesOf(bootstrap)));
  const source = useMemo(() => createSource(initial, client), [initial, client]);
  useBeforePaint(
    (show) => {
      if (!create || source.given() !== initial) return;
      source.open(create());
      show();
      // One client for the life of the provider, not for each function that could make one.
    },
    [source],
  );
  // Not where it is opened: effects of layout also end when a boundary above hides the provider for a while.
  useEffect(
    () => () => {
      const made = source.given();
      if (!create || made === initial) return;
      source.open();
      void made.close();
    },
    [source],
  );
  return <FlagContext.Provider value={source}>{children}</FlagContext.Provider>;
}

const PAGE = '__FLAG_BOOTSTRAP__';

function valuesOf(bootstrap: unknown): ValuesBootstrap | undefined {
  const found = bootstrap ?? (globalThis as { readonly [PAGE]?: unknown })[PAGE];
  return isValuesBootstrap(found) ? found : undefined;
}
