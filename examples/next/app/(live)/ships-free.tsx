'use client';

import { useFlag } from '@flags/react';
import { defaults } from '../../flags/types.ts';

/** Beside what is dear enough. */
export function ShipsFree({ price }: { readonly price: number }) {
  const from = useFlag('free-shipping-from', defaults['free-shipping-from']);
  return price >= from && <strong>ships free</strong>;
}
