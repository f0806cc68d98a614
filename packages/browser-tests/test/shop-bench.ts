import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadShop } from '@flags-internal/example-react-ssr';
import type { Shop, ShopServer } from '@flags-internal/example-react-ssr';
import { afterEach, beforeAll, beforeEach } from 'vitest';
import { createFlagFile } from './flag-file.ts';
import type { FlagFile } from './flag-file.ts';

/** The example with React, open, with a relay on a flag file that may be edited. */
export interface ShopBench extends FlagFile {
  readonly url: () => string;
  /** Closes the server of pages and opens another one there, with the client key of now. */
  readonly restartShop: () => Promise<void>;
}

/** Prepares the shop for the tests of a `describe` block: each has its own flags, relay and server. */
export function createShopBench(development: boolean): ShopBench {
  const flags = createFlagFile();
  const { folder, serverKey } = flags;
  const cacheFolder = join(folder, 'cache');
  let server: ShopServer;
  let shop: Shop;

  async function openShop(port: number): Promise<void> {
    const relayUrl = flags.relay().url;
    const cache = join(cacheFolder, 'rules.json');
    shop = await server.startShop({ relayUrl, serverKey, clientKey: flags.clientKey(), port, cache });
  }

  beforeAll(async () => {
    server = await loadShop({ outDir: join(folder, 'built'), development });
  }, 60_000);
  beforeEach(async () => {
    rmSync(cacheFolder, { recursive: true, force: true });
    await openShop(0);
  });
  afterEach(() => shop.close());

  return {
    ...flags,
    url: () => shop.url,
    restartShop: async () => {
      const { url } = shop;
      await shop.close();
      await openShop(Number(new URL(url).port));
    },
  };
}
