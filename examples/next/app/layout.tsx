import type { Metadata } from 'next';
import Link from 'next/link';
import type { ReactNode } from 'react';
import './shop.css';

export const metadata: Metadata = { title: 'Corner Coffee' };

/** Around every page. It reads no flags, so that pages below it can be static. */
export default function Layout({ children }: { readonly children: ReactNode }) {
  return (
    <html lang="en">
      <body>
        <nav>
          <Link href="/">Live</Link>
          <Link href="/edge">Edge</Link>
          {/* Fetched ahead, it would count as a page that was seen. */}
          <Link href="/pricing" prefetch={false}>
            Pricing
          </Link>
        </nav>
        {children}
      </body>
    </html>
  );
}
