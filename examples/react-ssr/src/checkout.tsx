import type { CSSProperties } from 'react';
import { Flag, useFlag, useTrack } from '@flags/react';
import { defaults, type CheckoutLayout } from './flags.ts';
import { priceText, products, type Basket } from './products.ts';

function FreeShipping({ total }: { readonly total: number }) {
  const from = useFlag('free-shipping-from', defaults['free-shipping-from']);
  const missing = from - total;
  return (
    <div className="shipping">
      <label htmlFor="shipping">
        {missing > 0
          ? `${priceText(missing)} more for free shipping`
          : `Free shipping, as for all above ${priceText(from)}`}
      </label>
      <progress id="shipping" max={Math.max(from, 1)} value={Math.min(total, from)} />
    </div>
  );
}

function OnePage({ columns, payWith }: CheckoutLayout) {
  return (
    <fieldset className={columns > 1 ? 'pay wide' : 'pay'}>
      <legend>Pay with</legend>
      {payWith.map((way, at) => (
        <label key={way}>
          <input type="radio" name="pay" defaultChecked={at === 0} />
          {way}
        </label>
      ))}
    </fieldset>
  );
}

function Steps() {
  return (
    <ol className="steps">
      <li>Basket</li>
      <li>Address</li>
      <li>Payment</li>
    </ol>
  );
}

/** The basket, with the new checkout for those who have it. */
export function Checkout({ basket }: { readonly basket: Basket }) {
  const layout = useFlag('checkout-layout', defaults['checkout-layout']);
  const track = useTrack();
  const lines = products.filter(({ id }) => basket[id]);
  const total = lines.reduce((sum, { id, price }) => sum + price * (basket[id] ?? 0), 0);
  const buy = (): void => track('checkout', { total });
  return (
    <aside className="checkout" aria-labelledby="basket" style={{ '--accent': layout.accent } as CSSProperties}>
      <h2 id="basket">Your basket</h2>
      <ul className="lines">
        {lines.map(({ id, name, price }) => (
          <li key={id}>
            <span>
              {basket[id]} × {name}
            </span>
            <span>{priceText(price * (basket[id] ?? 0))}</span>
          </li>
        ))}
      </ul>
      <p className="total">
        <span>Total</span>
        <strong>{priceText(total)}</strong>
      </p>
      <FreeShipping total={total} />
      <Flag name="new-checkout" fallback={<Steps />}>
        <OnePage {...layout} />
      </Flag>
      <button type="button" className="buy" onClick={buy}>
        <Flag name="new-checkout" fallback="Continue to address">
          Buy now
        </Flag>
      </button>
    </aside>
  );
}
