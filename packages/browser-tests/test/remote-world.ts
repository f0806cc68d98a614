import type { EvaluationContext } from '@flags/core';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { TestRelay } from '../src/relay.ts';
import { startTestRelay } from '../src/relay.ts';
import type { Site } from '../src/site.ts';
import { startSite } from '../src/site.ts';
import type { Tab, TabBrowser, TabContext } from '../src/tab.ts';
import { WITHIN } from './world.ts';

export const ann = { targetingKey: 'ann', plan: 'pro' };
export const bob = { targetingKey: 'bob', plan: 'free' };

/** A browser with pages for which a relay evaluates. */
export interface RemoteWorld<Context extends TabContext> {
  readonly relay: () => TestRelay;
  readonly context: () => Context;
  readonly site: () => Site;
  /** Starts a relay that says `one`. */
  readonly begin: (more?: Parameters<typeof startTestRelay>[1]) => Promise<void>;
  /** Opens a page of the site and starts its client for someone. */
  readonly openPage: (who: EvaluationContext, contextSignature?: string) => Promise<Tab>;
}

/** Prepares a world for the tests of a `describe` block; each test starts with `begin`. */
export function createRemoteWorld<Context extends TabContext>(
  launch: () => Promise<TabBrowser<Context>>,
): RemoteWorld<Context> {
  let browser: TabBrowser<Context>;
  let site: Site;
  let relay: TestRelay;
  let context: Context;

  beforeAll(async () => {
    // The bootstrap of a page is for whoever it starts with.
    const bootstrap = '{"version":"v1","flags":{"a":{"value":"from the page","variation":0}}}';
    site = await startSite(`<script nonce="r4nd0m">window.__FLAG_BOOTSTRAP__ = ${bootstrap}</script>`);
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await context?.close();
    await relay?.close();
  });

  return {
    relay: () => relay,
    context: () => context,
    site: () => site,
    begin: async (more = {}) => {
      relay = await startTestRelay('one', { heartbeatMs: 1_000, ...more });
      context = await browser.newContext();
    },
    openPage: async (who, contextSignature) => {
      const page = await context.newPage();
      await page.goto(site.url);
      const signed = contextSignature === undefined ? {} : { contextSignature };
      const options = { url: relay.url, key: relay.key, context: who, ...signed };
      await page.evaluate((given) => void window.page.startRemote(given), options);
      return page;
    },
  };
}

/** What the flag gives in a page. */
export function valueIn(page: Tab): Promise<string> {
  return page.evaluate(() => window.page.client!.value('a', 'default'));
}

/** Waits until the flag gives this. */
export async function seen(page: Tab, value: string): Promise<void> {
  await vi.waitFor(async () => expect(await valueIn(page)).toBe(value), WITHIN);
}
