import type { Shop, ShopServer } from '@flags-internal/example-react-ssr';
import { RelayError } from '@flags/relay';
import type { Demo } from './demo.ts';

const DEFAULT_PORT = 3000;
const TRIES = 20;

/**
 * Opens the shop of examples/react-ssr, once it is built. `SHOP_PORT` in the environment decides the port, and when it is taken
 * that is an error; without it, it is 3000 or the next one that is free.
 */
export async function openShop(server: ShopServer, demo: Demo, fixedPort: number | undefined): Promise<Shop> {
  const { url: relayUrl, serverKey, clientKey } = demo;
  for (let port = fixedPort ?? DEFAULT_PORT; ; port++) {
    try {
      const shop = await server.startShop({ relayUrl, serverKey, clientKey, port });
      // People write either.
      demo.letIn([shop.url, shop.url.replace('127.0.0.1', 'localhost')]);
      return shop;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EADDRINUSE' || port === DEFAULT_PORT + TRIES) throw error;
      if (fixedPort !== undefined)
        throw new RelayError('PORT_IN_USE', `Port ${port} is in use; give the shop another one with SHOP_PORT.`);
      console.error(`Port ${port} is in use, trying ${port + 1} for the shop.`);
    }
  }
}
