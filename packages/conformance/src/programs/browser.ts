import { createClient, createFetchTransport, verifyKeys } from '@flags/browser';
import { createProgram } from './program.ts';
import type { Report } from './program.ts';

/** The suite over `@flags/browser`. */
export const run: (input: unknown) => Promise<Report> = createProgram({
  createTransport: createFetchTransport,
  verifyKeys,
  isPushed: true,
  startClient: (start) => {
    const client = createClient<object>(start);
    return {
      read: async () => client.value('a', 'default'),
      problem: () => client.status().reason,
      close: () => client.close(),
    };
  },
});
