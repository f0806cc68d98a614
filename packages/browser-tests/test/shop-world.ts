import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRelay, fileSource, generateClientKey, generateServerKey } from '@flags/relay';
import type { Relay } from '@flags/relay';
import { loadShop } from '@flags-internal/example-react-ssr';
import type { Shop, ShopServer } from '@flags-internal/example-react-ssr';
import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from 'vitest';
import type { BrowserName } from '../src/installed.ts';
import { launch } from '../src/launch.ts';
import { WITHIN } from './world.ts';

const FLAGS = resolve(import.meta.dirname, '../../../examples/flags.yaml');
// A relay that cannot be reached is for browsers a failed load, and they say so themselves.
const OF_THE_NETWORK =
  /Failed to load resource|ERR_|NetworkError|Cross-Origin Request Blocked|can.t establish a connection/;

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** The example with React, open, with a relay on a flag file that may be edited, and a browser. */
export interface ShopWorld {
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
  /** A browser of its own, as it were. */
  readonly newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page that is watched from the start; it goes to the shop unless told otherwise. */
  readonly open: (context?: BrowserContext, user?: string) => Promise<Page>;
}

/** Prepares the shop for the tests of a `describe` block: each has its own file, relay and server; whatever a page complains of fails it. */
export function createShopWorld(name: BrowserName, development: boolean): ShopWorld {
  const folder = mkdtempSync(join(tmpdir(), 'flags-shop-'));
  const file = join(folder, 'flags.yaml');
  const serverKey = generateServerKey();
  let clientKey = generateClientKey();
  const complaints: string[] = [];
  let server: ShopServer;
  let browser: Browser;
  let shop: Shop;
  let relay: Relay;
  let contexts: BrowserContext[] = [];

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
    const outDir = join(folder, 'built');
    [server, browser] = await Promise.all([loadShop({ outDir, development }), launch(name)]);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    copyFileSync(FLAGS, file);
    rmSync(join(folder, 'cache'), { recursive: true, force: true });
    await openRelay(0);
    await openShop(0);
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    await shop.close();
    await relay.close();
    expect(complaints.splice(0)).toEqual([]);
  });

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options);
    contexts.push(context);
    return context;
  }

  async function open(given?: BrowserContext, user = 'ada'): Promise<Page> {
    const context = given ?? (await newContext());
    await context.addCookies([{ name: 'user', value: user, url: shop.url }]);
    const page = await context.newPage();
    const take = (complaint: string): void => {
      if (!OF_THE_NETWORK.test(complaint)) complaints.push(complaint);
    };
    page.on('pageerror', (error) => take(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') take(message.text());
    });
    await page.goto(shop.url, { waitUntil: 'commit' });
    return page;
  }

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
    newContext,
    open,
  };
}

/** Waits until the page greets like this. */
export async function expectGreeting(page: Page, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await page.locator('h1').textContent()).toBe(text), WITHIN);
}

/** Waits until the page says how it is doing. */
export async function expectStatus(page: Page, text: string | RegExp): Promise<void> {
  await vi.waitFor(async () => expect(await page.getByRole('status').textContent()).toMatch(text), WITHIN);
}

/** Looks for what keeps people from using a page, by axe's rules: all of them, or those that a change of colours is about. */
export async function expectAccessible(page: Page, rules?: string[]): Promise<void> {
  // Given by the driver, so that the page's policy has no say.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (runOnly) => window.axe.run(runOnly === undefined ? {} : { runOnly }),
    rules,
  );
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([]);
}
