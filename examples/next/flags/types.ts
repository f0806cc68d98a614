declare global {
  /** The flags this app reads. A name or a default that is not of these does not compile. */
  interface FlagTypes {
    'welcome-text': string;
    'free-shipping-from': number;
    'price-page': 'classic' | 'table' | 'cards';
    /** Browsers do not see it: it is not marked `client`. */
    'support-address': string;
  }
}

/** What is served when there is no answer: the app as it was before there were flags. */
export const defaults: FlagTypes = {
  'welcome-text': 'Welcome!',
  'free-shipping-from': 50,
  'price-page': 'classic',
  'support-address': 'support@shop.example',
};
