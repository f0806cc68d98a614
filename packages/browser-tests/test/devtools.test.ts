import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launch } from '../src/launch.ts';
import { startSite } from '../src/site.ts';
import type { Site } from '../src/site.ts';
import { WITHIN } from './world.ts';

/** What axe finds wrong with a page, its shadow trees included. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(axe.source);
  const { violations: found, passes } = await page.evaluate(() => window.axe.run());
  // It looked into the panel.
  expect(passes.some(({ nodes }) => nodes.some(({ target }) => Array.isArray(target[0])))).toBe(true);
  return found.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}

describe.each(['chromium', 'firefox'] as const)('The panel for developers in %s', (name) => {
  let browser: Browser;
  let site: Site;
  beforeAll(async () => {
    site = await startSite('', 'devtools-page.tsx');
    browser = await launch(name);
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function openPage(
    options: { colorScheme?: 'light' | 'dark'; viewport?: { width: number; height: number } } = {},
  ): Promise<{ page: Page; said: string[] }> {
    const page = await browser.newPage(options);
    page.setDefaultTimeout(WITHIN.timeout);
    const said: string[] = [];
    // Firefox says that the policy holds its search for an icon back.
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(String(error)));
    await page.goto(site.url);
    await page.getByRole('button', { name: 'Flags' }).waitFor();
    return { page, said };
  }

  test('overrides a flag by keyboard alone, survives a reload, and is reset', async () => {
    const { page, said } = await openPage();
    const checkout = page.locator('main button');
    await page.getByRole('button', { name: 'Flags' }).focus();
    await page.keyboard.press('Enter');
    await page.keyboard.type('new-checkout');
    expect(await page.getByRole('heading', { level: 3 }).count()).toBe(1);
    expect(await checkout.textContent()).toBe('New checkout');
    await page.getByRole('switch', { name: 'Override new-checkout' }).focus();
    await page.keyboard.press('Space');
    expect(await checkout.textContent()).toBe('Checkout');
    expect(await page.evaluate(() => window.app.pressed)).toEqual([]);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('dialog').count()).toBe(0);
    await page.keyboard.press('a');
    expect(await page.evaluate(() => window.app.pressed)).toEqual([]);

    await page.reload();
    await page.getByRole('button', { name: 'Flags 1 overridden' }).click();
    expect(await checkout.textContent()).toBe('Checkout');
    await page.getByRole('button', { name: 'Reset all' }).click();
    expect(await checkout.textContent()).toBe('New checkout');
    // The policy lets no style pass that stands in the page, and nothing was held back.
    // Firefox says that the search for an icon was.
    expect(said.filter((text) => !text.includes('favicon'))).toEqual([]);
    await page.close();
  });

  test('explains what is served', async () => {
    const { page } = await openPage();
    await page.getByRole('button', { name: 'Flags' }).click();
    await page.getByRole('button', { name: /^new-checkout/ }).click();
    const text = await page.getByRole('dialog').innerText();
    expect(text).toContain('yes: plan eq ["pro"], is "pro"');
    expect(text).toMatch(/serves on: targetingKey "user-42" with salt "new-checkout" is in bucket \d+ of 100000/);
    await page.close();
  });

  test('takes no style from the page, and gives none', async () => {
    const { page } = await openPage();
    const before = await page.locator('main').boundingBox();
    const heading = await page.locator('h1').evaluate((element) => JSON.stringify(getComputedStyle(element)));
    await page.getByRole('button', { name: 'Flags' }).click();
    expect(await page.getByRole('searchbox').evaluate((element) => getComputedStyle(element).letterSpacing)).toBe(
      'normal',
    );
    expect(await page.locator('main').boundingBox()).toEqual(before);
    expect(await page.locator('h1').evaluate((element) => JSON.stringify(getComputedStyle(element)))).toBe(heading);
    await page.close();
  });

  test.each([
    { colorScheme: 'light', viewport: { width: 1_100, height: 780 } },
    { colorScheme: 'dark', viewport: { width: 390, height: 844 } },
  ] as const)('is accessible: $colorScheme, $viewport.width wide', async (options) => {
    const { page } = await openPage(options);
    await page.getByRole('button', { name: 'Flags' }).click();
    await page.getByRole('switch', { name: 'Override new-checkout' }).click();
    for (const key of ['limits', 'new-checkout', 'theme']) {
      await page.getByRole('button', { name: new RegExp(`^${key}`) }).click();
    }
    await page.getByLabel('Value as JSON').fill('{');
    await page.getByRole('button', { name: 'Apply' }).click();
    expect(await violations(page)).toEqual([]);
    const { width } = (await page.getByRole('dialog').boundingBox())!;
    expect(width).toBeLessThanOrEqual(options.viewport.width);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(options.viewport.width);
    await page.close();
  });
});
