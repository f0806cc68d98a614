'use client';

import { useFlag } from '@flags/react';
import { defaults } from '../../flags/types.ts';
import { useRenderCount } from './render-count.ts';

/** Changes while the page is open, and is not rendered again for any other flag. */
export function FreeShipping() {
  const from = useFlag('free-shipping-from', defaults['free-shipping-from']);
  return <p ref={useRenderCount()}>Free shipping from €{from}</p>;
}
