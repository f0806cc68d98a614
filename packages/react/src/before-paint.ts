import { useEffect, useLayoutEffect, useState } from 'react';

/**
 * An effect before the paint. What it changes for components that read is painted with it, when it calls `show`: components hear of
 * changes only after effects of layout, and React lets them before the paint if one of those wants to render. On a server, where
 * such effects do nothing and React 18 says so, there is none.
 */
export function useBeforePaint(
  effect: (show: () => void) => void | (() => void),
  dependencies: readonly unknown[],
): void {
  const [, render] = useState<object>();
  const useIt = typeof document === 'undefined' ? useEffect : useLayoutEffect;
  useIt(() => effect(() => render({})), dependencies);
}
