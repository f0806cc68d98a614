import { useFlag } from '@flags/react';
import { Bag } from './bag.tsx';
import { defaults } from './flags.ts';
import { priceText, products, type Product } from './products.ts';

interface Given {
  readonly onAdd: (id: string) => void;
}

interface Item extends Given {
  readonly product: Product;
}

function AddButton({ product, onAdd }: Item) {
  return (
    <button type="button" className="add" onClick={() => onAdd(product.id)}>
      Add <span className="unseen">{product.name}</span>
    </button>
  );
}

function Table({ onAdd }: Given) {
  return (
    <table className="products">
      <thead>
        <tr>
          <th scope="col">Coffee</th>
          <th scope="col" className="notes">
            Notes
          </th>
          <th scope="col">250 g</th>
          <th scope="col">
            <span className="unseen">Basket</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {products.map((product) => (
          <tr key={product.id}>
            <th scope="row">{product.name}</th>
            <td className="notes">{product.notes}</td>
            <td>{priceText(product.price)}</td>
            <td>
              <AddButton product={product} onAdd={onAdd} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function List({ onAdd, className }: Given & { readonly className: string }) {
  return (
    <ul className={className}>
      {products.map((product) => (
        <li key={product.id}>
          <Bag colour={product.colour} />
          <div className="text">
            <h3>{product.name}</h3>
            <p className="quiet">{product.notes}</p>
          </div>
          <strong>{priceText(product.price)}</strong>
          <AddButton product={product} onAdd={onAdd} />
        </li>
      ))}
    </ul>
  );
}

/** An experiment: three ways to show the same products. */
export function Products({ onAdd }: Given) {
  const layout = useFlag('price-page', defaults['price-page']);
  return (
    <section aria-labelledby="coffees" data-layout={layout}>
      <h2 id="coffees">Fresh this week</h2>
      {layout === 'table' ? (
        <Table onAdd={onAdd} />
      ) : (
        <List onAdd={onAdd} className={layout === 'cards' ? 'cards' : 'rows'} />
      )}
    </section>
  );
}
