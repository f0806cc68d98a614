import { bootstrapOf } from '@flags/edge/next';
import { headers } from 'next/headers';
import { LiveFlags } from '../../flags/live.tsx';
import { contextOf, relayForPages } from '../../flags/visitor.ts';
import { Welcome } from '../(live)/welcome.tsx';

/** The same with what the middleware evaluated: this page's server needs no client of its own, as where none lives for long. */
export default async function Page() {
  const asked = await headers();
  return (
    <LiveFlags relay={relayForPages()} context={contextOf(asked)} bootstrap={bootstrapOf(asked)}>
      <main>
        <Welcome />
      </main>
    </LiveFlags>
  );
}
