import { lazy, Suspense, useEffect, useState } from 'react';

const FlagDevtools = lazy(async () => ({ default: (await import('@flags/react/devtools')).FlagDevtools }));

/** The panel in the corner: every flag, why it is served, and other values to try in this browser. A real shop asks who may see it. */
export function FlagPanel() {
  const [isInPage, setIsInPage] = useState(false);
  // Not on the server, and loaded when the page is there.
  useEffect(() => setIsInPage(true), []);
  return <Suspense>{isInPage && <FlagDevtools />}</Suspense>;
}
