import type { EvaluationContext } from '@flags/core';
import { signContext } from '@flags/node';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import type { TestRelay } from '../src/relay.ts';
import { startTestRelay } from '../src/relay.ts';
import type { Site } from '../src/site.ts';
import { startSite } from '../src/site.ts';

const WITHIN = { timeout: 10_000, interval: 20 };
const SECRET = 'a secret of thirty-two characters';
const ann = { targetingKey: 'ann', plan: 'pro' };
const bob = { targetingKey: 'bob', plan: 'free' };

describe.each(['chromium', 'firefox'] as const)('In %s, with the relay evaluating', (name) => {
  let browser: Browser;
  let site: Site;
  let relay: TestRelay;
  let context: BrowserContext;

  beforeAll(async () => {
    // The bootstrap of a page is for whoever it starts with.
    const bootstrap = '{"version":"v1","flags":{"a":{"value":"from the page","variation":0}}}';
    site = await startSite(`<script nonce="r4nd0m">window.__FLAG_BOOTSTRAP__ = ${bootstrap}</script>`);
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

  async function begin(more: Parameters<typeof startTestRelay>[1] = {}): Promise<void> {
    relay = await startTestRelay('one', { heartbeatMs: 1_000, ...more });
    context = await browser.newContext();
  }

  async function openPage(
    who: EvaluationContext,
    more: { path?: string; contextSignature?: string } = {},
  ): Promise<Page> {
    const { path = '/', ...options } = more;
    const page = await context.newPage();
    await page.goto(site.url + path);
    const all = { url: relay.url, key: relay.key, context: who, ...options };
    await page.evaluate((given) => void window.page.startRemote(given), all);
    return page;
  }

  const valueIn = (page: Page): Promise<string> => page.evaluate(() => window.page.client!.value('a', 'default'));
  const seen = (page: Page, value: string): Promise<void> =>
    vi.waitFor(async () => expect(await valueIn(page)).toBe(value), WITHIN);
  const heardIn = (page: Page): Promise<unknown[]> => page.evaluate(() => window.page.heard.map(({ value }) => value));

  test('values come for the context, and their changes at once; rules do not come', async () => {
    await begin();
    const urls: string[] = [];
    context.on('request', (request) => void urls.push(request.url()));
    const page = await openPage(ann);
    expect(await page.evaluate(() => window.page.client!.ready())).toEqual({ source: 'network' });
    expect(await valueIn(page)).toBe('one pro');
    relay.set('two');
    await seen(page, 'two pro');
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(await valueIn(page)).toBe('two');
    expect(await page.evaluate(() => window.page.client!.snapshot())).toBeUndefined();
    const asked = urls.filter((url) => url.startsWith(relay.url));
    expect(asked).toEqual(asked.map(() => `${relay.url}/v1/client/stream`));
    await vi.waitFor(() => expect(relay.streams()).toBe(1), WITHIN);
    await page.evaluate(() => window.page.client!.close());
    await vi.waitFor(() => expect(relay.streams()).toBe(0), WITHIN);
  });

  test('a slow answer for the last context never shows', async () => {
    await begin();
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await context.route('**/v1/client/stream', async (route) => {
      if (route.request().postData()?.includes('ann') === true) await held;
      // The page may have given it up.
      await route.continue().catch(() => {});
    });
    const page = await openPage(ann);
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(await valueIn(page)).toBe('one');
    letGo();
    relay.set('two');
    await seen(page, 'two');
    expect(await heardIn(page)).toEqual(['default', 'one', 'two']);
  });

  test('what the page brought along is served at once, under a strict policy, until values come', async () => {
    await begin();
    const page = await context.newPage();
    await page.goto(`${site.url}/with-head`);
    const first = await page.evaluate((options) => window.page.startRemote(options).details('a', 'default'), {
      url: relay.url,
      key: relay.key,
      context: ann,
    });
    expect(first).toMatchObject({ value: 'from the page', source: 'bootstrap' });
    await seen(page, 'one pro');
  });

  test('without a relay the next page starts with what each context was given last', async () => {
    await begin();
    const page = await openPage(ann);
    await seen(page, 'one pro');
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    await page.evaluate(() => window.page.client!.flush());
    await relay.close();
    await page.goto(site.url);
    const options = { url: relay.url, key: relay.key, context: ann };
    const details = await page.evaluate((given) => window.page.startRemote(given).details('a', 'default'), options);
    expect(details).toMatchObject({ value: 'one pro', source: 'cache', stale: true });
    const next = await page.evaluate((who) => {
      void window.page.client!.setContext(who);
      return window.page.client!.details('a', 'default');
    }, bob);
    expect(next).toMatchObject({ value: 'one', source: 'cache', stale: true });
  });

  test('a key that was refused is fetched anew', async () => {
    await begin();
    const page = await context.newPage();
    await page.goto(site.url);
    const keys = await page.evaluate(
      async ({ url, key, who }) => {
        let asked = 0;
        const client = window.page.startRemote({
          url,
          context: who,
          key: () => (++asked === 1 ? `${key}-no-more` : key),
        });
        await client.ready();
        return asked;
      },
      { url: relay.url, key: relay.key, who: ann },
    );
    expect(keys).toBe(2);
    expect(await valueIn(page)).toBe('one pro');
  });

  test('where contexts are signed, only those are answered for', async () => {
    await begin({ contextSecrets: [SECRET] });
    const sign = (who: EvaluationContext): string => signContext(who, SECRET, { expiresAt: Date.now() + 60_000 });
    const page = await openPage(ann, { contextSignature: sign(ann) });
    await seen(page, 'one pro');
    // Signed for another.
    const ready = await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(ready).toMatchObject({ source: undefined, reason: 'auth' });
    expect(await valueIn(page)).toBe('default');
    await page.exposeFunction('sign', sign);
    const signed = await page.evaluate(
      async ({ url, key, who, next }) => {
        const client = window.page.startRemote({
          url,
          key,
          context: who,
          contextSignature: (context) =>
            (window as unknown as { sign: (context: EvaluationContext) => Promise<string> }).sign(context),
        });
        await client.ready();
        const first = client.value('a', 'default');
        await client.setContext(next);
        return [first, client.value('a', 'default')];
      },
      { url: relay.url, key: relay.key, who: ann, next: bob },
    );
    expect(signed).toEqual(['one pro', 'one']);
  });

  test('tabs with the same context share one connection, and no values with others', async () => {
    await begin();
    const first = await openPage(ann);
    await seen(first, 'one pro');
    const [second, third] = [await openPage({ plan: 'pro', targetingKey: 'ann' }), await openPage(bob)];
    await seen(second, 'one pro');
    await seen(third, 'one');
    await vi.waitFor(() => expect(relay.streams()).toBe(2), WITHIN);
    // The leader goes to another context: the follower goes on with the first.
    await first.evaluate((next) => window.page.client!.setContext(next), bob);
    await vi.waitFor(() => expect(relay.streams()).toBe(2), WITHIN);
    relay.set('two');
    await seen(first, 'two');
    await seen(second, 'two pro');
    await seen(third, 'two');
    for (const page of [first, second, third]) {
      expect(await page.evaluate(() => window.page.client!.status())).toMatchObject({ state: 'live', drift: false });
    }
  });
});
