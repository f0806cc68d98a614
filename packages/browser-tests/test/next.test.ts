import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { createNextBench } from './next-bench.ts';
import { createWatchedPages } from './watched-pages.ts';
import type { WatchedPages } from './watched-pages.ts';
import { WITHIN } from './world.ts';

const FIRST = 'Welcome to the shop!';
const ID = 'visitor-0001';

const bench = createNextBench();

/** Waits until the page greets like this. */
async function expectGreeting(page: Page, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await page.locator('h1').textContent()).toBe(text), WITHIN);
}

/** Waits until the server and these pages have a stream, or the relay no longer hears of them. */
async function expectStreams(count: number): Promise<void> {
  await vi.waitFor(() => expect(bench.relay().streams).toBe(count), WITHIN);
}

/** How often the heading and the paragraph below it were rendered in this page. */
const rendersOf = (page: Page): Promise<number[]> =>
  page
    .locator('main > h1, main > h1 + p')
    .evaluateAll((found) => found.map((element) => Number((element as HTMLElement).dataset['renders'])));

const cookieOf = async (page: Page): Promise<string | undefined> =>
  (await page.context().cookies()).find(({ name }) => name === 'flags-id')?.value;

/** What holds in every browser. */
function describeMainPath(pages: WatchedPages): void {
  test('is taken over without a complaint, and a change that is pushed renders what reads it and no more', async () => {
    const page = await pages.newPage();
    await page.goto(bench.url());
    await expectGreeting(page, FIRST);
    await expectStreams(2);
    await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
    // Once, to take the page over: nothing that the client knows is new to it.
    expect(await rendersOf(page)).toEqual([1, 1]);

    bench.edit(FIRST, 'Good morning!');
    await expectGreeting(page, 'Good morning!');
    expect(await rendersOf(page)).toEqual([2, 1]);

    expect(await page.getByText('ships free').count()).toBe(1);
    bench.edit('usual: 49.9', 'usual: 70');
    await page.getByText('Free shipping from €70').waitFor();
    expect(await page.getByText('ships free').count()).toBe(0);
    expect(await rendersOf(page)).toEqual([2, 2]);
    expect(await page.evaluate(() => 'isTheSame' in window)).toBe(true);
  });

  test('knows a visitor again, who sees the same static page by its address and by a link', async () => {
    const page = await pages.newPage();
    await page.goto(`${bench.url()}/pricing`);
    const layout = await page.locator('[data-layout]').getAttribute('data-layout');
    const id = await cookieOf(page);
    expect(id).toMatch(/^[\w-]{36}$/);
    await page.getByRole('link', { name: 'Live' }).click();
    await expectGreeting(page, FIRST);
    // A page that is left while its late part streams in may complain of the part it never got.
    await page.getByText('ships free').waitFor();
    await page.reload();
    await page.getByRole('link', { name: 'Pricing' }).click();
    await expectGreeting(page, 'Pricing');
    expect(await page.locator('[data-layout]').getAttribute('data-layout')).toBe(layout);
    expect(await cookieOf(page)).toBe(id);
  });
}

describe('The example with Next in Firefox', () => {
  describeMainPath(createWatchedPages('firefox'));
});

describe('The example with Next in Chromium', () => {
  const pages = createWatchedPages('chromium');
  describeMainPath(pages);

  test('follows what the middleware evaluated, and says what is nowhere', async () => {
    const page = await pages.newPage();
    await page.goto(`${bench.url()}/edge`);
    await expectGreeting(page, FIRST);
    // No client of the server's: nothing asked it for flags.
    await expectStreams(1);
    bench.edit(FIRST, 'To the edge');
    await expectGreeting(page, 'To the edge');
    expect((await page.goto(`${bench.url()}/nowhere`))?.status()).toBe(404);
    await expectGreeting(page, 'There is nothing here.');
  });

  test('serves pages while the relay is away, and they catch up when it is back', async () => {
    const page = await pages.newPage();
    await page.goto(bench.url());
    await expectStreams(2);
    await bench.closeRelay();
    for (const path of ['/', '/edge']) expect(await bench.html(path)).toContain(FIRST);
    expect(await bench.html('/pricing')).toContain('data-layout');
    bench.edit(FIRST, 'Here again');
    await bench.openRelay();
    await expectGreeting(page, 'Here again');
    await vi.waitFor(async () => expect(await bench.html('/')).toContain('Here again'), WITHIN);
  });

  test('starts without a relay: everyone is served the defaults, until it is there', async () => {
    await bench.closeRelay();
    await bench.restart();
    const page = await pages.newPage();
    await page.goto(bench.url());
    await expectGreeting(page, 'Welcome!');
    await page.getByText('support@shop.example').waitFor();
    expect(await bench.html('/pricing')).toContain('data-layout="classic"');
    expect(await bench.html('/edge')).toContain('Welcome!');
    await bench.openRelay();
    await expectGreeting(page, FIRST);
    await vi.waitFor(async () => expect(await bench.html('/')).toContain(FIRST), WITHIN);
  });
});

describe('The server of the example with Next', () => {
  test('sends a page before what comes late, with its flags, and scripts that have the nonce of this response', async () => {
    const nonces = [];
    for (let turn = 0; turn < 2; turn++) {
      const response = await fetch(bench.url());
      const policy = response.headers.get('content-security-policy') ?? '';
      const [, nonce = ''] = /script-src 'self' 'nonce-([^']+)';/.exec(policy) ?? [];
      nonces.push(nonce);
      const chunks: string[] = [];
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) chunks.push(chunk);
      expect(chunks[0]).toContain(`<h1>${FIRST}</h1>`);
      const html = chunks.join('');
      expect(html.indexOf('Hand grinder')).toBeGreaterThan((chunks[0] ?? '').length);
      const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)/g)];
      expect(scripts.filter(([, attributes = '']) => !attributes.includes(`nonce="${nonce}"`))).toEqual([]);
      // What client components start with, and nothing that browsers may not see.
      const carried = scripts.map(([, , text]) => text).find((text) => text?.includes('bootstrap'));
      expect(carried).toContain(String.raw`\"welcome-text\":{\"value\":\"${FIRST}\"`);
      expect(html).toContain('help@shop.example');
      expect(html).not.toContain('support-address');
    }
    expect(new Set(nonces).size).toBe(2);
  });

  test('gives an id once, and flags in route handlers by it', async () => {
    const first = await fetch(`${bench.url()}/api/shipping`);
    expect(first.headers.getSetCookie()).toEqual([expect.stringMatching(/^flags-id=[\w-]{36}; Path=\/; Max-Age=/)]);
    const again = await fetch(`${bench.url()}/api/shipping`, { headers: { cookie: `flags-id=${ID}` } });
    expect(again.headers.getSetCookie()).toEqual([]);
    expect(await again.json()).toEqual({ freeFrom: 49.9 });
    expect(await bench.html('/', ID)).toContain(String.raw`\"targetingKey\":\"${ID}\"`);
    // One client for pages and route handlers.
    await expectStreams(1);
  });

  test('believes no flags that a visitor brings along', async () => {
    const forged = JSON.stringify({ flags: { 'welcome-text': { value: 'Forged' } } });
    const response = await fetch(`${bench.url()}/edge`, { headers: { 'x-flags-bootstrap': forged } });
    expect(await response.text()).toContain(`<h1>${FIRST}</h1>`);
  });

  test('has one static page for each layout, from its cache, and none that is made up', async () => {
    const layouts = new Set<string>();
    for (let at = 0; at < 12; at++) {
      const headers = { cookie: `flags-id=visitor-${1_000 + at}` };
      const response = await fetch(`${bench.url()}/pricing`, { headers });
      expect(response.headers.get('x-nextjs-cache')).toBe('HIT');
      expect(response.headers.get('cache-control')).toContain('s-maxage');
      layouts.add(/data-layout="(\w+)"/.exec(await response.text())?.[1] ?? 'none');
    }
    expect([...layouts].sort()).toEqual(['cards', 'classic', 'table']);
    expect((await fetch(`${bench.url()}/pricing/0aaaaaaaaaaaaaaaa`)).status).toBe(404);
  });

  test('warns of nothing that an edge runtime would refuse', async () => {
    await bench.html('/');
    expect(bench.log()).not.toMatch(/Dynamic(?:Code|Wasm)|Edge Runtime|error/i);
  });
});
