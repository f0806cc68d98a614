import { use, useState } from 'react';
import { useFlag } from '@flags/react';
import { Bag } from './bag.tsx';
import { defaults } from './flags.ts';
import { priceText, type Product } from './products.ts';

const ID = 'suggestions-data';

// The server streams the data with what it rendered from it; the browser reads it there, and hydrates when it has come.
function dataOfPage(): readonly Product[] {
  return JSON.parse(document.getElementById(ID)?.textContent ?? '[]') as readonly Product[];
}

/** What comes late. Its flags are those of the rest of the page, whatever changed while it was on its way. */
export function Suggestions({ loaded }: { readonly loaded: Promise<readonly Product[]> | undefined }) {
  const first = loaded && use(loaded);
  const [items] = useState(() => first ?? dataOfPage());
  const freeFrom = useFlag('free-shipping-from', defaults['free-shipping-from']);
  return (
    <section aria-labelledby="suggestions">
      <h2 id="suggestions">Goes well with it</h2>
      <ul className="rows">
        {items.map(({ id, name, notes, price, colour }) => (
          <li key={id}>
            <Bag colour={colour} />
            <div className="text">
              <h3>{name}</h3>
              <p className="quiet">{notes}</p>
            </div>
            {price >= freeFrom && <span className="tag">ships free</span>}
            <strong>{priceText(price)}</strong>
          </li>
        ))}
      </ul>
      <script
        id={ID}
        type="application/json"
        dangerouslySetInnerHTML={{ __html: JSON.stringify(items).replaceAll('<', '\\u003c') }}
      />
    </section>
  );
}
