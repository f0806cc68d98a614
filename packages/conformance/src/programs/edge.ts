import { createEdgeFlags, createFetchTransport, verifyKeys } from '@flags/edge';
import { createProgram } from './program.ts';
import type { Report } from './program.ts';

/** The suite over `@flags/edge`. */
export const run: (input: unknown) => Promise<Report> = createProgram({
  createTransport: () => createFetchTransport((url, init) => fetch(url, init)),
  verifyKeys,
  isPushed: false,
  startClient: (start) => {
    const edge = createEdgeFlags<object>({ ...start, ttlMs: 1_000, exposures: false });
    return {
      read: async () => (await edge.flags({})).value('a', 'default'),
      problem: () => edge.status().problem,
      close: async () => {},
    };
  },
});
