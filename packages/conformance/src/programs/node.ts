import { createClient, createHttpTransport, verifyKeys } from '@flags/node';
import { createProgram } from './program.ts';
import type { Report } from './program.ts';

/** The suite over `@flags/node`. */
export const run: (input: unknown) => Promise<Report> = createProgram({
  createTransport: createHttpTransport,
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
