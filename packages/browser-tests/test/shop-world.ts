import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import { createShopBench } from './shop-bench.ts';
import type { ShopBench } from './shop-bench.ts';
import { WITHIN } from './world.ts';

// A relay that cannot be reached is for browsers a failed load, and they say so themselves.
const OF_THE_NETWORK =
  /Failed to load resource|ERR_|NetworkError|Cross-Origin Request Blocked|can.t establish a connection/;

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** The shop, and a browser. */
export interface ShopWorld extends ShopBench {
  /** A browser of its own, as it were. */
  readonly newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page that is watched from the start; it goes to the shop unless told otherwise. */
  readonly open: (context?: BrowserContext, user?: string) => Promise<Page>;
}

/** Prepares the shop and a browser for the tests of a `describe` block; whatever a page complains of fails its test. */
export function createShopWorld(name: 'chromium' | 'firefox', development: boolean): ShopWorld {
  const bench = createShopBench(development);
  const complaints: string[] = [];
  let browser: Browser;
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launch(name);
  }, 60_000);
  afterAll(() => browser?.close());
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
    expect(complaints.splice(0)).toEqual([]);
  });

  async function newContext(options: BrowserContextOptions = {}): Promise<BrowserContext> {
    const context = await browser.newContext(options);
    contexts.push(context);
    return context;
  }

  async function open(given?: BrowserContext, user = 'ada'): Promise<Page> {
    const context = given ?? (await newContext());
    await context.addCookies([{ name: 'user', value: user, url: bench.url() }]);
    const page = await context.newPage();
    const take = (complaint: string): void => {
      if (!OF_THE_NETWORK.test(complaint)) complaints.push(complaint);
    };
    page.on('pageerror', (error) => take(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') take(message.text());
    });
    await page.goto(bench.url(), { waitUntil: 'commit' });
    return page;
  }

  return { ...bench, newContext, open };
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
