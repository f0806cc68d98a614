import { createContext, useContext } from 'react';
import type { Context } from 'react';
import type { FlagSource } from './source.ts';
import { createSource } from './source.ts';
import { createStaticClient } from './static-client.ts';

/** What the nearest provider hands down. */
export const FlagContext: Context<FlagSource | undefined> = /* @__PURE__ */ createContext<FlagSource | undefined>(
  undefined,
);

// One for all components without a provider; making it is the moment to say so, once.
let withoutProvider: FlagSource | undefined;

/** The source of the nearest provider; without one, a source of defaults, and one warning in development. */
export function useSource(): FlagSource {
  return useContext(FlagContext) ?? (withoutProvider ??= createWithoutProvider());
}

function createWithoutProvider(): FlagSource {
  try {
    // Bundlers put the text in place of it, and for production leave the warning out.
    if (process.env['NODE_ENV'] !== 'production') {
      // The one thing this package says by itself: nothing else would tell why flags never change.
      // oxlint-disable-next-line no-console -- for developers, once, and in no production build
      console.warn(
        '@flags/react: a flag is read outside of <FlagProvider>: its default is served. Wrap the app in one.',
      );
    }
  } catch {
    // A page without a bundler has no `process`.
  }
  return createSource(createStaticClient());
}
