import { randomBytes } from 'node:crypto';
import { beforeAll, beforeEach, onTestFinished } from 'vitest';
import { buildNextExample, buildPackages, startNext } from '../src/next-app.ts';
import type { NextServer } from '../src/next-app.ts';
import { createFlagFile } from './flag-file.ts';
import type { FlagFile } from './flag-file.ts';

/** The example with Next as users run it, with a relay on a flag file that may be edited. */
export interface NextBench extends FlagFile {
  readonly url: () => string;
  /** What `next build` and then `next start` have written. */
  readonly log: () => string;
  /** Kills the server, and starts another one there. */
  readonly restart: () => Promise<void>;
  /** The page at this path, as HTML, for who has the id. */
  readonly html: (path: string, id?: string) => Promise<string>;
}

const secret = randomBytes(32).toString('hex');
let building: Promise<string> | undefined;

/** What the example is told of its relay. */
export function envFor(flags: FlagFile): Readonly<Record<string, string>> {
  return {
    FLAGS_URL: flags.relay().url,
    FLAGS_SERVER_KEY: flags.serverKey,
    FLAGS_CLIENT_KEY: flags.clientKey(),
    PAGES_SECRET: secret,
  };
}

/** Builds the example, once for a file of tests, and starts it and its relay for each test of a `describe` block. */
export function createNextBench(): NextBench {
  const flags = createFlagFile();
  let server: NextServer;
  let built: string;

  beforeAll(async () => {
    // The rest is read when it is served.
    building ??= buildPackages().then(() => buildNextExample({ PAGES_SECRET: secret }));
    built = await building;
  }, 240_000);
  beforeEach(async () => {
    // Not `afterEach`: a page that complained would leave it running.
    onTestFinished(() => server?.close());
    server = await startNext('start', envFor(flags));
  });

  return {
    ...flags,
    url: () => server.url,
    log: () => built + server.log(),
    restart: async () => {
      const { url } = server;
      await server.close();
      server = await startNext('start', envFor(flags), undefined, Number(new URL(url).port));
    },
    html: async (path, id) => {
      const response = await fetch(server.url + path, {
        headers: id === undefined ? {} : { cookie: `flags-id=${id}` },
      });
      return response.text();
    },
  };
}
