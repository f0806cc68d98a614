import { createBootstrap, renderBootstrap } from '@flags/sync';
import type { EventBatch } from '@flags/sync';
import { compileRuleset } from '@flags/core';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import { rulesetA } from '../src/flags.ts';
import { startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';
import { startSite } from '../src/site.ts';
import type { Site } from '../src/site.ts';

const WITHIN = { timeout: 10_000, interval: 20 };

describe.each(['chromium', 'firefox'] as const)('In %s', (name) => {
  let browser: Browser;
  let site: Site;
  let relay: TestRelay;
  let context: BrowserContext;
  const batches: EventBatch[] = [];

  beforeAll(async () => {
    const bootstrap = createBootstrap(compileRuleset(rulesetA(1, 'from the page')), {}, Date.now());
    const [script, json] = [{ nonce: 'r4nd0m' }, { id: 'flags' }].map((form) => renderBootstrap(bootstrap, form));
    site = await startSite(`${script}${json}`);
    browser = await launch(name);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await context?.close();
    await relay?.close();
  });

  async function begin(first = 'one'): Promise<void> {
    batches.length = 0;
    relay = await startTestRelay(first, { heartbeatMs: 1_000, onEvents: (batch) => void batches.push(batch) });
    context = await browser.newContext();
  }

  async function openPage(path = '/', more: { exposures?: boolean } = {}): Promise<Page> {
    const page = await context.newPage();
    await page.goto(site.url + path);
    const options = { url: relay.url, key: relay.key, ...more };
    await page.evaluate((given) => void window.page.start(given), options);
    return page;
  }

  const valueIn = (page: Page): Promise<string> => page.evaluate(() => window.page.client!.value('a', 'default'));
  const seen = (page: Page, value: string): Promise<void> =>
    vi.waitFor(async () => expect(await valueIn(page)).toBe(value), WITHIN);

  test('a page of another origin reads, hears of a change at once, and reads for who is held', async () => {
    await begin();
    const page = await openPage();
    expect(await page.evaluate(() => window.page.client!.ready())).toEqual({ source: 'network' });
    expect(await valueIn(page)).toBe('one');
    relay.set('two');
    await seen(page, 'two');
    await page.evaluate(() => window.page.client!.setContext({ plan: 'pro' }));
    expect(await valueIn(page)).toBe('two pro');
    expect(relay.streams()).toBe(1);
    await page.evaluate(() => window.page.client!.close());
    await vi.waitFor(() => expect(relay.streams()).toBe(0), WITHIN);
  });

  test('what the page brought along is served at once, under a strict policy, until rules come', async () => {
    await begin('from the relay');
    const page = await context.newPage();
    await page.goto(`${site.url}/with-head`);
    const first = await page.evaluate(
      (options) => {
        const client = window.page.start(options);
        return client.details('a', 'default');
      },
      { url: relay.url, key: relay.key },
    );
    expect(first).toMatchObject({ value: 'from the page', variation: 0, source: 'bootstrap' });
    const forms = await page.evaluate(() => [window.page.readPageBootstrap(), window.page.readPageBootstrap('flags')]);
    expect(forms[0]).toMatchObject({ version: 'v1' });
    expect(forms[1]).toEqual(forms[0]);
    await seen(page, 'from the relay');
  });

  test('the next page starts with the rules of the last one, without a network', async () => {
    await begin();
    const page = await openPage();
    await page.evaluate(() => window.page.client!.ready());
    await page.evaluate(() => window.page.client!.flush());
    await relay.close();
    await page.goto(site.url);
    const options = { url: relay.url, key: relay.key };
    const details = await page.evaluate((given) => window.page.start(given).details('a', 'default'), options);
    expect(details).toMatchObject({ value: 'one', source: 'cache', stale: true });
  });

  test('reads are reported when the page is left', async () => {
    await begin();
    const page = await openPage();
    await page.evaluate(() => window.page.client!.ready());
    await valueIn(page);
    await page.goto('about:blank');
    await vi.waitFor(() => expect(batches.flatMap(({ summaries }) => summaries)).toHaveLength(1), WITHIN);
    expect(batches[0]?.summaries[0]).toMatchObject({ flag: 'a', variation: 'now', reason: 'DEFAULT' });
  });
});
