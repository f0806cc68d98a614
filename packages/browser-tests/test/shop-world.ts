import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { createShopBench } from './shop-bench.ts';
import type { ShopBench } from './shop-bench.ts';
import { createWatchedPages } from './watched-pages.ts';
import type { WatchedPages } from './watched-pages.ts';
import { WITHIN } from './world.ts';

declare global {
  interface Window {
    readonly axe: typeof axe;
  }
}

/** The shop, and a browser. */
export interface ShopWorld extends ShopBench, WatchedPages {
  /** A page that is watched from the start, in the shop, where somebody is signed in: Ada unless told otherwise. */
  readonly open: (context?: BrowserContext, user?: string) => Promise<Page>;
}

/** Prepares the shop and a browser for the tests of a `describe` block; whatever a page complains of fails its test. */
export function createShopWorld(name: 'chromium' | 'firefox', development: boolean): ShopWorld {
  const bench = createShopBench(development);
  const pages = createWatchedPages(name);

  async function open(given?: BrowserContext, user = 'ada'): Promise<Page> {
    const context = given ?? (await pages.newContext());
    await context.addCookies([{ name: 'user', value: user, url: bench.url() }]);
    const page = await pages.newPage(context);
    await page.goto(bench.url(), { waitUntil: 'commit' });
    return page;
  }

  return { ...bench, ...pages, open };
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
