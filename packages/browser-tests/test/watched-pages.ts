import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { launch } from '../src/launch.ts';

// A relay that cannot be reached is for browsers a failed load, and they say so themselves.
const OF_THE_NETWORK =
  /Failed to load resource|ERR_|NetworkError|Cross-Origin Request Blocked|can.t establish a connection/;

/** A browser whose pages are watched from the start: whatever one complains of fails its test. */
export interface WatchedPages {
  /** A browser of its own, as it were. */
  readonly newContext: (options?: BrowserContextOptions) => Promise<BrowserContext>;
  /** A page that has been nowhere yet. */
  readonly newPage: (context?: BrowserContext) => Promise<Page>;
}

/** Prepares a browser for the tests of a `describe` block. */
export function createWatchedPages(name: 'chromium' | 'firefox'): WatchedPages {
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

  async function newPage(context?: BrowserContext): Promise<Page> {
    const page = await (context ?? (await newContext())).newPage();
    const take = (complaint: string): void => {
      if (!OF_THE_NETWORK.test(complaint)) complaints.push(complaint);
    };
    page.on('pageerror', (error) => take(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') take(message.text());
    });
    return page;
  }

  return { newContext, newPage };
}
