import { useEffect, useState } from 'react';
import { useClientLayer } from '@flags/react';
import { showInPage } from './host.ts';
import { createOverrideLayer } from './override-layer.ts';
import { createOverrideStore } from './override-store.ts';
import { Panel } from './panel.tsx';

/** How the panel behaves. */
export interface FlagDevtoolsProps {
  /** Where overrides are kept in `localStorage`; `flags:overrides:1` by default. One for each app of an origin. */
  readonly storageKey?: string | undefined;
}

/**
 * A panel for developers, below a `FlagProvider`: every flag with its value and why it is served, and values to override here. A
 * button in the corner of the page opens it. Nothing of it is in the page's own tree, styles or exposures.
 */
export function FlagDevtools({ storageKey = 'flags:overrides:1' }: FlagDevtoolsProps): null {
  const [layer] = useState(() => createOverrideLayer(createOverrideStore(storageKey)));
  useClientLayer(layer.over);
  useEffect(() => {
    const hide = showInPage(<Panel layer={layer} />);
    return () => {
      hide();
      layer.end();
    };
  }, [layer]);
  return null;
}
