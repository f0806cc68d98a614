import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRelay, fileSource, generateClientKey, generateServerKey } from '@flags/relay';
import type { Relay } from '@flags/relay';
import { loadShop } from '@flags-internal/example-react-ssr';
import type { Shop, ShopServer } from '@flags-internal/example-react-ssr';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';

const FLAGS = resolve(import.meta.dirname, '../../../examples/flags.yaml');

/** The example with React, open, with a relay on a flag file that may be edited. */
export interface ShopBench {
  readonly relay: () => Relay;
  readonly url: () => string;
  /** Saves the flag file with this changed. */
  readonly edit: (before: string | RegExp, after: string) => void;
  readonly closeRelay: () => Promise<void>;
  /** Where it was before. */
  readonly openRelay: () => Promise<void>;
  /** From its next start on, relay and shop have another client key. */
  readonly renewClientKey: () => void;
  /** Closes the server of pages and opens another one there. */
  readonly restartShop: () => Promise<void>;
}

/** Prepares the shop for the tests of a `describe` block: each has its own file, relay and server. */
export function createShopBench(development: boolean): ShopBench {
  const folder = mkdtempSync(join(tmpdir(), 'flags-shop-'));
  const file = join(folder, 'flags.yaml');
  const serverKey = generateServerKey();
  let clientKey = generateClientKey();
  let server: ShopServer;
  let shop: Shop;
  let relay: Relay;

  const portOf = (url: string): number => Number(new URL(url).port);
  async function openRelay(port = portOf(relay.url)): Promise<void> {
    const keys = [serverKey, { key: clientKey, origins: ['*'] }];
    relay = await createRelay({ source: fileSource(file), keys, port, heartbeatMs: 1_000 });
    await relay.listen();
  }
  async function openShop(port: number): Promise<void> {
    const cache = join(folder, 'cache', 'rules.json');
    shop = await server.startShop({ relayUrl: relay.url, serverKey, clientKey, port, cache });
  }

  beforeAll(async () => {
    server = await loadShop({ outDir: join(folder, 'built'), development });
  }, 60_000);
  afterAll(() => rmSync(folder, { recursive: true }));
  beforeEach(async () => {
    copyFileSync(FLAGS, file);
    rmSync(join(folder, 'cache'), { recursive: true, force: true });
    await openRelay(0);
    await openShop(0);
  });
  afterEach(async () => {
    await shop.close();
    await relay.close();
  });

  return {
    relay: () => relay,
    url: () => shop.url,
    edit: (before, after) => {
      const text = readFileSync(file, 'utf8');
      const edited = text.replace(before, after);
      expect(edited).not.toBe(text);
      writeFileSync(file, edited);
    },
    closeRelay: () => relay.close(),
    openRelay: () => openRelay(),
    renewClientKey: () => {
      clientKey = generateClientKey();
    },
    restartShop: async () => {
      const { url } = shop;
      await shop.close();
      await openShop(portOf(url));
    },
  };
}
