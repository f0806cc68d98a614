'use client';

import { useFlag } from '@flags/react';
import { defaults } from '../../flags/types.ts';
import { useRenderCount } from './render-count.ts';

/** Changes while the page is open. */
export function Welcome() {
  return <h1 ref={useRenderCount()}>{useFlag('welcome-text', defaults['welcome-text'])}</h1>;
}
