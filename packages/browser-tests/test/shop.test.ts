import { describe, expect, test, vi } from 'vitest';
import type { Page } from 'playwright-core';
import { createShopWorld, expectAccessible, expectGreeting, expectStatus } from './shop-world.ts';
import type { ShopWorld } from './shop-world.ts';
import { WITHIN } from './world.ts';

const FIRST = 'Welcome to the shop!';

/** Holds back the page's scripts until told. */
async function holdScripts(page: Page): Promise<() => void> {
  let release = (): void => {};
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  await page.route('**/assets/*.js', async (route) => {
    await held;
    await route.continue();
  });
  return release;
}

/** Waits until the server renders pages with this. */
async function expectRendered(world: ShopWorld, text: string): Promise<void> {
  await vi.waitFor(async () => expect(await (await fetch(world.url())).text()).toContain(text), WITHIN);
}

const layoutOf = (page: Page): Promise<string | null> => page.locator('[data-layout]').getAttribute('data-layout');

/** What holds in every browser. */
function describeMainPath(world: ShopWorld): void {
  test('is taken over without a complaint, and follows an edit without a reload', async () => {
    const page = await world.open();
    await expectGreeting(page, FIRST);
    await expectStatus(page, 'Live');
    await page.getByRole('button', { name: 'Add Huila' }).click();
    await page.evaluate(() => void Object.assign(window, { isTheSame: true }));
    world.edit(FIRST, 'Good morning!');
    await expectGreeting(page, 'Good morning!');
    world.edit('serve: usual', 'serve: generous');
    await page.getByText('Free shipping, as for all above €20.00').waitFor();
    expect(await page.getByText('1 × Huila').count()).toBe(1);
    expect(await page.evaluate(() => 'isTheSame' in window)).toBe(true);
  });

  test('hydrates what was rendered when a flag has changed meanwhile, then shows the change', async () => {
    const context = await world.newContext();
    const page = await world.open(context);
    // A page that is left while its late part streams in may complain of the part it never got.
    await page.waitForLoadState('load');
    const release = await holdScripts(page);
    await page.reload({ waitUntil: 'commit' });
    await expectGreeting(page, FIRST);
    world.edit(FIRST, 'Changed before hydration');
    world.edit(/( *- id: holdout|- \{ id: holdout)/, '- { id: all, if: { plan: enterprise }, serve: cards }\n      $1');
    // Another page is rendered with it: the server knows.
    await expectRendered(world, 'before hydration');
    expect(await page.locator('h1').textContent()).toBe(FIRST);
    release();
    await expectGreeting(page, 'Changed before hydration');
    await vi.waitFor(async () => expect(await layoutOf(page)).toBe('cards'), WITHIN);
  });

  test('signs somebody else in without a reload, and remembers it', async () => {
    const page = await world.open();
    await expectStatus(page, 'Live');
    expect(await layoutOf(page)).toBe('table');
    await page.getByRole('button', { name: 'Dan' }).click();
    await vi.waitFor(async () => expect(await layoutOf(page)).toBe('cards'), WITHIN);
    await page.getByRole('button', { name: 'Continue to address' }).waitFor();
    await page.reload({ waitUntil: 'commit' });
    await page.getByText('You are Dan').waitFor();
    expect(await layoutOf(page)).toBe('cards');
    await expectStatus(page, 'Live');
  });
}

// The development build says more, the production build is what people run.
describe('The shop in Firefox', () => {
  describeMainPath(createShopWorld('firefox', false));
});

describe('The shop in Chromium', () => {
  const world = createShopWorld('chromium', true);
  describeMainPath(world);

  test('stays as it is while the relay is away, says so, and catches up', async () => {
    const page = await world.open();
    await expectStatus(page, 'Live');
    await world.closeRelay();
    await expectStatus(page, 'Offline');
    expect(await page.locator('h1').textContent()).toBe(FIRST);
    await page.getByRole('button', { name: 'Ben' }).click();
    await vi.waitFor(async () => expect(await layoutOf(page)).toBe('classic'), WITHIN);
    world.edit(FIRST, 'Here again');
    await world.openRelay();
    await expectGreeting(page, 'Here again');
    await expectStatus(page, 'Live');
  });

  test('says so when its key is no more, and is well again when it is loaded anew', async () => {
    const page = await world.open();
    await expectStatus(page, 'Live');
    await world.closeRelay();
    world.renewClientKey();
    await world.openRelay();
    await expectStatus(page, 'reload it');
    await world.restartShop();
    await page.reload();
    await expectStatus(page, 'Live');
  });

  test('opens from what its server has kept when there is no relay', async () => {
    world.edit(FIRST, 'Kept');
    await expectRendered(world, 'Kept');
    await world.restartShop();
    await world.closeRelay();
    await world.restartShop();
    const page = await world.open();
    await expectGreeting(page, 'Kept');
    await expectStatus(page, /Offline|Connecting/);
    expect(await layoutOf(page)).toBe('table');
  });

  test('has one connection for eight tabs, and all follow when the one that holds it is closed', async () => {
    const context = await world.newContext();
    const tabs: Page[] = [];
    for (let at = 0; at < 8; at++) tabs.push(await world.open(context));
    for (const tab of tabs) await expectStatus(tab, 'Live');
    // The server's, and the browser's.
    await vi.waitFor(() => expect(world.relay().streams).toBe(2), WITHIN);
    await tabs[0]?.close();
    world.edit(FIRST, 'To all');
    for (const tab of tabs.slice(1)) await expectGreeting(tab, 'To all');
    await vi.waitFor(() => expect(world.relay().streams).toBe(2), WITHIN);
    for (const tab of tabs.slice(1)) await expectStatus(tab, 'Live');
  });

  test('has a panel whose overrides show at once, and outlast a reload', async () => {
    const page = await world.open();
    await page.getByRole('button', { name: 'Buy now' }).waitFor();
    await page.getByRole('button', { name: 'Flags' }).click();
    await page.getByRole('switch', { name: 'Override new-checkout' }).click();
    await page.getByRole('button', { name: 'Continue to address' }).waitFor();
    await page.reload({ waitUntil: 'commit' });
    await page.getByRole('button', { name: 'Continue to address' }).waitFor();
    const button = page.getByRole('button', { name: 'Flags 1 overridden' });
    await vi.waitFor(async () => expect(await button.count()).toBe(1), WITHIN);
  });

  test('is right without scripts, and lets people sign in', async () => {
    const context = await world.newContext({ javaScriptEnabled: false });
    const page = await world.open(context);
    await expectGreeting(page, FIRST);
    expect(await layoutOf(page)).toBe('table');
    await page.getByRole('button', { name: 'Dan' }).click();
    await page.getByText('You are Dan').waitFor();
    expect(await layoutOf(page)).toBe('cards');
  });

  test('comes back when the browser has its network again', async () => {
    const context = await world.newContext();
    const page = await world.open(context);
    await expectStatus(page, 'Live');
    // An open stream does not end by that; a new one cannot begin.
    await context.setOffline(true);
    await world.closeRelay();
    await expectStatus(page, 'Offline');
    await world.openRelay();
    world.edit(FIRST, 'While away');
    await expectRendered(world, 'While away');
    expect(await page.locator('h1').textContent()).toBe(FIRST);
    await context.setOffline(false);
    await expectGreeting(page, 'While away');
    await expectStatus(page, 'Live');
  });

  test('keeps nobody out, in light colours and dark, and on a narrow screen', async () => {
    const page = await world.open();
    await expectStatus(page, 'Live');
    for (const user of ['Ada', 'Ben', 'Dan']) {
      await page.getByRole('button', { name: user }).click();
      await page.getByText(`You are ${user}`).waitFor();
      await expectAccessible(page);
      await page.emulateMedia({ colorScheme: 'dark' });
      await expectAccessible(page, ['color-contrast']);
      await page.emulateMedia({ colorScheme: 'light' });
    }
    await world.closeRelay();
    await expectStatus(page, 'Offline');
    await expectAccessible(page, ['color-contrast']);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
  });

  test('sends the page before what comes late, each with a nonce of its own and no other script', async () => {
    const nonces = [];
    for (let turn = 0; turn < 2; turn++) {
      const response = await fetch(world.url(), { headers: { cookie: 'user=dan' } });
      const policy = response.headers.get('content-security-policy') ?? '';
      const [, nonce = ''] = /script-src 'self' 'nonce-([^']+)';/.exec(policy) ?? [];
      nonces.push(nonce);
      expect(policy).not.toMatch(/unsafe-eval|script-src[^;]*unsafe-inline/);
      const chunks: string[] = [];
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) chunks.push(chunk);
      expect(chunks[0]).toContain(FIRST);
      expect(chunks[0]).not.toContain('Hand Grinder');
      const html = chunks.join('');
      expect(html).toContain('Hand Grinder');
      const scripts = [...html.matchAll(/<script([^>]*)>/g)].map(([, attributes = '']) => attributes);
      const bare = scripts.filter((attributes) => !attributes.includes(`nonce="${nonce}"`));
      expect(bare).toEqual([' id="suggestions-data" type="application/json"']);
    }
    expect(new Set(nonces).size).toBe(2);
    expect(nonces[0]).toHaveLength(24);
  });
});
