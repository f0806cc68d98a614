import { Suspense } from 'react';
import { visitorFlags } from '../../flags/server.ts';
import { defaults } from '../../flags/types.ts';
import { FreeShipping } from './free-shipping.tsx';
import { Suggestions } from './suggestions.tsx';
import { Welcome } from './welcome.tsx';

/** Flags in server components and in client components. */
export default async function Page() {
  const flags = await visitorFlags();
  return (
    <main>
      <Welcome />
      <FreeShipping />
      <Suspense fallback={<p>Looking for what goes well with it …</p>}>
        <Suggestions />
      </Suspense>
      {/* Read on the server alone: it is not among the page's flags, and stays until the next request. */}
      <footer>Write to {flags.value('support-address', defaults['support-address'])}</footer>
    </main>
  );
}
