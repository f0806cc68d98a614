import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import type { TabBrowser } from '../src/tab.ts';
import { startWatchedSite } from '../src/watched.ts';
import type { WatchedSite } from '../src/watched.ts';
import { launchWebKit } from '../src/webkit.ts';
import type { WebKitContext } from '../src/webkit.ts';
import type { WebKitTab } from '../src/webkit-tab.ts';
import { createShopBench } from './shop-bench.ts';
import { WITHIN } from './world.ts';

const FIRST = 'Welcome to the shop!';

describe('The shop in WebKit', () => {
  // The development build says more of what does not fit when a page is taken over.
  const bench = createShopBench(true);
  let browser: TabBrowser<WebKitContext>;
  let site: WatchedSite;
  let context: WebKitContext;
  let page: WebKitTab;

  beforeAll(async () => {
    site = await startWatchedSite(bench.url);
    browser = await launchWebKit();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  const expectNoComplaints = async (): Promise<void> =>
    expect(await page.evaluate(() => window.complaints)).toEqual([]);
  afterEach(async () => {
    await expectNoComplaints().finally(context.close);
  });

  const textOf = (css: string): Promise<string | null | undefined> =>
    page.evaluate((selector) => document.querySelector(selector)?.textContent, css);
  const expectText = (css: string, text: string): Promise<void> =>
    vi.waitFor(async () => expect(await textOf(css)).toContain(text), WITHIN);
  const layout = (): Promise<string | null | undefined> =>
    page.evaluate(() => document.querySelector('[data-layout]')?.getAttribute('data-layout'));

  async function open(): Promise<void> {
    context = await browser.newContext();
    page = await context.newPage();
    await page.goto(site.url);
  }

  test('is taken over without a complaint, and follows an edit without a reload', async () => {
    await open();
    expect(await textOf('h1')).toBe(FIRST);
    await expectText('[role=status]', 'Live');
    await page.click("//button[normalize-space()='Add Huila']");
    await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
    bench.edit(FIRST, 'Good morning!');
    await expectText('h1', 'Good morning!');
    bench.edit('serve: usual', 'serve: generous');
    await expectText('body', 'Free shipping, as for all above €20.00');
    expect(await textOf('body')).toContain('1 × Huila');
    expect(await page.evaluate(() => 'isTheSame' in window)).toBe(true);
  });

  test('hydrates what was rendered when a flag has changed meanwhile, then shows the change', async () => {
    const { wanted, release } = site.holdScripts();
    const opened = open();
    await wanted;
    bench.edit(FIRST, 'Changed before hydration');
    // Another page is rendered with it: the server knows.
    await vi.waitFor(async () => expect(await (await fetch(bench.url())).text()).toContain('before hydration'), WITHIN);
    release();
    await opened;
    await expectText('h1', 'Changed before hydration');
  });

  test('signs somebody else in without a reload, and remembers it', async () => {
    await open();
    await expectText('[role=status]', 'Live');
    expect(await layout()).toBe('table');
    await page.click("//button[normalize-space()='Dan']");
    await vi.waitFor(async () => expect(await layout()).toBe('cards'), WITHIN);
    await page.goto(site.url);
    expect(await textOf('body')).toContain('You are Dan');
    expect(await layout()).toBe('cards');
    await expectText('[role=status]', 'Live');
  });
});
