import { generateKeyPairSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { RelayOptions } from '@flags/relay';
import { createBootstrap, renderBootstrap } from '@flags/sync';
import type { ClientStatus, EventBatch } from '@flags/sync';
import { compileRuleset } from '@flags/core';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { launchAny } from '../src/launch.ts';
import { rulesetA } from '../src/flags.ts';
import { startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';
import { startSite } from '../src/site.ts';
import type { Site } from '../src/site.ts';
import type { Tab, TabBrowser, TabContext } from '../src/tab.ts';

const WITHIN = { timeout: 10_000, interval: 20 };

describe.each(['chromium', 'firefox', 'webkit'] as const)('In %s', (name) => {
  let browser: TabBrowser;
  let site: Site;
  let relay: TestRelay;
  let context: TabContext;
  const batches: EventBatch[] = [];

  beforeAll(async () => {
    const bootstrap = createBootstrap(compileRuleset(rulesetA(1, 'from the page')), {}, Date.now());
    const [script, json] = [{ nonce: 'r4nd0m' }, { id: 'flags' }].map((form) => renderBootstrap(bootstrap, form));
    site = await startSite(`${script}${json}`);
    browser = await launchAny(name);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await context?.close();
    await relay?.close();
  });

  async function begin(first = 'one', more: Partial<RelayOptions> = {}): Promise<void> {
    batches.length = 0;
    relay = await startTestRelay(first, { heartbeatMs: 1_000, onEvents: (batch) => void batches.push(batch), ...more });
    context = await browser.newContext();
  }

  async function openPage(pinned: readonly string[] = []): Promise<Tab> {
    const page = await context.newPage();
    await page.goto(site.url);
    const given = { options: { url: relay.url, key: relay.key }, pinned };
    await page.evaluate(({ options, pinned }) => void window.page.start(options, pinned), given);
    return page;
  }

  const valueIn = (page: Tab): Promise<string> => page.evaluate(() => window.page.client!.value('a', 'default'));
  const seen = (page: Tab, value: string): Promise<void> =>
    vi.waitFor(async () => expect(await valueIn(page)).toBe(value), WITHIN);
  const statusIn = (page: Tab): Promise<ClientStatus> => page.evaluate(() => window.page.client!.status());

  test('a page of another origin reads, hears of a change at once, and reads for who is held', async () => {
    await begin();
    const page = await openPage();
    expect(await page.evaluate(() => window.page.client!.ready())).toEqual({ source: 'network' });
    expect(await valueIn(page)).toBe('one');
    relay.set('two');
    await seen(page, 'two');
    await page.evaluate(() => window.page.client!.setContext({ plan: 'pro' }));
    expect(await valueIn(page)).toBe('two pro');
    expect(await statusIn(page)).toMatchObject({ state: 'live', stale: false, source: 'network' });
    expect(relay.streams()).toBe(1);
    await page.evaluate(() => window.page.client!.close());
    await vi.waitFor(() => expect(relay.streams()).toBe(0), WITHIN);
    expect(await page.evaluate(() => window.complaints)).toEqual([]);
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
    expect(await page.evaluate(() => window.complaints)).toEqual([]);
  });

  test('a relay that goes away is noticed, reads go on, and the page catches up when it is back', async () => {
    await begin();
    const page = await openPage();
    await seen(page, 'one');
    await relay.close();
    await vi.waitFor(async () => expect((await statusIn(page)).state).not.toBe('live'), WITHIN);
    expect(await valueIn(page)).toBe('one');
    relay = await startTestRelay('back', { port: Number(new URL(relay.url).port), keys: [relay.key] });
    await seen(page, 'back');
    expect(await statusIn(page)).toMatchObject({ state: 'live', stale: false });
  });

  test('what a pinned key has signed is used, and nothing else', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = (key: KeyObject): string =>
      String(key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }));
    await begin('signed', { signingKey: pem(privateKey) });
    const page = await openPage([pem(publicKey)]);
    await seen(page, 'signed');
    relay.set('signed again');
    await seen(page, 'signed again');
    const other = await openPage([pem(generateKeyPairSync('ed25519').publicKey)]);
    await vi.waitFor(async () => expect((await statusIn(other)).reason).toBe('integrity'), WITHIN);
    expect(await valueIn(other)).toBe('default');
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
