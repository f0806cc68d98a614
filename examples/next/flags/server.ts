import { createClient, type FlagClient } from '@flags/node';
import { requestFlags, type RequestFlags } from '@flags/react/server';
import { headers } from 'next/headers';
import { cache } from 'react';
import { contextOf } from './visitor.ts';
import { need } from './need.ts';

declare global {
  var flagClient: FlagClient | undefined;
}

/** One client for the process. It is kept where bundles share it: Next has several, and `next dev` loads them anew. */
function flagClient(): FlagClient {
  return (globalThis.flagClient ??= createClient({ url: need('FLAGS_URL'), key: need('FLAGS_SERVER_KEY') }));
}

/** The flags of this request: every server component that asks gets the same. */
export const visitorFlags = cache(async (): Promise<RequestFlags> => {
  // First of all: it tells `next build` that this is rendered for requests alone.
  const context = contextOf(await headers());
  return requestFlags(flagClient(), context);
});
