import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { buildShop, type BuildOptions } from './build.ts';

/** How the shop's server is set up. */
export interface ShopOptions {
  /** The relay's address, for the server and for pages. */
  readonly relayUrl: string;
  /** The secret key that the server reads flags with. */
  readonly serverKey: string;
  /** The public key that pages read flags with. */
  readonly clientKey: string;
  /** 127.0.0.1 and this port; 0 takes any free one. */
  readonly port: number;
  /** A file that keeps the rules for the next start, which then needs no relay. */
  readonly cache?: string;
}

/** A shop that is open. */
export interface Shop {
  readonly url: string;
  /** Lets requests end, and its client. */
  close(): Promise<void>;
}

/** What the built server exports. */
export interface ShopServer {
  /** Opens the shop. Rejects with `EADDRINUSE` when the port is taken. */
  startShop(options: ShopOptions): Promise<Shop>;
}

/** Builds the page and its server, and gives what starts it. */
export async function loadShop(options?: BuildOptions): Promise<ShopServer> {
  const folder = await buildShop(options);
  return (await import(pathToFileURL(join(folder, 'server/server.js')).href)) as ShopServer;
}
