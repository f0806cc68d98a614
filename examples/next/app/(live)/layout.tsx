import { headers } from 'next/headers';
import type { ReactNode } from 'react';
import { contextOf, relayForPages } from '../../flags/visitor.ts';
import { LiveFlags } from '../../flags/live.tsx';
import { visitorFlags } from '../../flags/server.ts';

/** Around pages that are rendered for each request: they and their client components agree, and one client follows the visitor through them. */
export default async function Layout({ children }: { readonly children: ReactNode }) {
  const context = contextOf(await headers());
  const { bootstrap } = await visitorFlags();
  return (
    <LiveFlags relay={relayForPages()} context={context} bootstrap={bootstrap}>
      {children}
    </LiveFlags>
  );
}
