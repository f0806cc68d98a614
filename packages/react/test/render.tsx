import { cleanup } from '@testing-library/react';
import type { ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, vi } from 'vitest';

afterEach(cleanup);

/** Renders as a server does: without a page. */
export function renderOnServer(element: ReactElement): string {
  vi.stubGlobal('document', undefined);
  vi.stubGlobal('window', undefined);
  try {
    return renderToString(element);
  } finally {
    vi.unstubAllGlobals();
  }
}

/** A component that shows a text, and how often it was rendered. */
export interface Probe {
  (): ReactElement;
  renders: () => number;
}

/** Makes a component of a hook: it shows what the hook gives, as JSON. */
export function probe(use: () => unknown): Probe {
  let count = 0;
  const Shown = (): ReactElement => {
    count += 1;
    return <output>{JSON.stringify(use())}</output>;
  };
  return Object.assign(Shown, { renders: () => count });
}
