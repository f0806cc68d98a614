import { FlagProvider, type ContextClient, type ValuesBootstrap } from '@flags/react';
import { Shop } from './shop.tsx';
import type { Product } from './products.ts';

/** What the server tells the page, as JSON. */
export interface PageProps {
  readonly userId: string;
  /** Where pages get their flags, and with which public key. */
  readonly relay: { readonly url: string; readonly key: string };
  readonly styles: readonly string[];
}

interface Given extends PageProps {
  /** On the server. In the page it is found in `window.__FLAG_BOOTSTRAP__`. */
  readonly bootstrap?: ValuesBootstrap;
  readonly suggestions?: Promise<readonly Product[]>;
  /** In the page. */
  readonly createFlags?: () => ContextClient;
}

const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E%3Ccircle cx='8' cy='8' r='7' fill='%231a56db'/%3E%3C/svg%3E";

/** The whole document. Server and browser render the same, or React would complain. */
export function Page({ userId, styles, bootstrap, suggestions, createFlags }: Given) {
  return (
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>Corner Coffee</title>
        <link rel="icon" href={ICON} />
        {styles.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
      </head>
      <body>
        <FlagProvider bootstrap={bootstrap} create={createFlags}>
          <Shop userId={userId} suggestions={suggestions} />
        </FlagProvider>
      </body>
    </html>
  );
}
