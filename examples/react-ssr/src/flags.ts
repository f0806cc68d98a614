/** What `checkout-layout` gives. */
export interface CheckoutLayout {
  readonly columns: number;
  readonly accent: string;
  readonly payWith: readonly string[];
}

declare global {
  /** The flags this page reads. A name or a default that is not of these does not compile. */
  interface FlagTypes {
    'welcome-text': string;
    'new-checkout': boolean;
    'price-page': 'classic' | 'table' | 'cards';
    'free-shipping-from': number;
    'checkout-layout': CheckoutLayout;
    'live-chat': boolean;
  }
}

/** What is served when there is no answer: the shop as it was before there were flags. */
export const defaults: FlagTypes = {
  'welcome-text': 'Welcome!',
  'new-checkout': false,
  'price-page': 'classic',
  'free-shipping-from': 50,
  'checkout-layout': { columns: 1, accent: '#1a56db', payWith: ['card'] },
  'live-chat': false,
};
