/** Something to buy. */
export interface Product {
  readonly id: string;
  readonly name: string;
  readonly notes: string;
  /** Euros. */
  readonly price: number;
  /** The colour of its bag. */
  readonly colour: string;
}

/** How many of each product are in a basket, by id. */
export type Basket = Readonly<Record<string, number>>;

export const products: readonly Product[] = [
  { id: 'morning', name: 'Morning Blend', notes: 'Hazelnut, milk chocolate', price: 12.5, colour: '#b45309' },
  { id: 'yirga', name: 'Yirgacheffe', notes: 'Jasmine, bergamot', price: 16.9, colour: '#0f766e' },
  { id: 'huila', name: 'Huila', notes: 'Caramel, red apple', price: 14.9, colour: '#be123c' },
  { id: 'decaf', name: 'Late Decaf', notes: 'Cocoa, fig', price: 13.9, colour: '#4338ca' },
];

const others: readonly Product[] = [
  { id: 'grinder', name: 'Hand Grinder', notes: 'Steel burrs', price: 64, colour: '#475569' },
  { id: 'filters', name: 'Filters', notes: 'A hundred, unbleached', price: 4.9, colour: '#a16207' },
];

/** What goes well with it, from a service that takes its time: the page does not wait for it. */
export async function loadSuggestions(): Promise<readonly Product[]> {
  await new Promise((resolve) => setTimeout(resolve, 250));
  return others;
}

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** `€12.50` */
export function priceText(price: number): string {
  return euros.format(price);
}
