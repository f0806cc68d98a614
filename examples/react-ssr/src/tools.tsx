import { lazy, Suspense, useEffect, useState } from 'react';

// A file of its own, which is loaded by nobody who did not ask for it.
const FlagDevtools = lazy(async () => ({ default: (await import('@flags/react/devtools')).FlagDevtools }));

/** The panel for developers, at `/?devtools`. After hydration: the server renders the same page for everyone. */
export function Tools() {
  const [isWanted, setWanted] = useState(false);
  useEffect(() => setWanted(new URLSearchParams(location.search).has('devtools')), []);
  return (
    isWanted && (
      <Suspense>
        <FlagDevtools />
      </Suspense>
    )
  );
}
