import { notFound } from 'next/navigation';
import { pages } from '../../../flags/pages.ts';

/** All of them are built; what is asked for beside them is not there. */
export const generateStaticParams = async () => (await pages.segments()).map((code) => ({ code }));

const plans = { Morning: 12.5, Yirgacheffe: 16.9 };

/** A static page: built once for each value of the flag, and cached. The middleware says which one a visitor gets. */
export default async function Pricing({ params }: { readonly params: Promise<{ code: string }> }) {
  const flags = await pages.decode((await params).code);
  if (flags === undefined) notFound();
  return (
    <main data-layout={flags['price-page']}>
      <h1>Pricing</h1>
      <dl>
        {Object.entries(plans).map(([name, price]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>€{price}</dd>
          </div>
        ))}
      </dl>
    </main>
  );
}
