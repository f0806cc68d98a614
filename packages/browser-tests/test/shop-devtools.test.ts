import type { Page } from 'playwright-core';
import { describe, expect, test, vi } from 'vitest';
import { createShopWorld, expectAccessible, expectStatus } from './shop-world.ts';
import { WITHIN } from './world.ts';

describe.each(['chromium', 'firefox'] as const)('The shop’s panel for developers in %s', (name) => {
  const world = createShopWorld(name, true);

  /** A page of a browser of its own, and the scripts it loads. */
  async function openAt(path: string): Promise<{ readonly page: Page; readonly scripts: ReadonlySet<string> }> {
    const page = await world.open();
    const scripts = new Set<string>();
    page.on('request', (request) => request.url().endsWith('.js') && scripts.add(request.url()));
    await page.goto(world.url() + path);
    return { page, scripts };
  }

  test('is there for who asks for it, over a document that React hydrated, and changes the page', async () => {
    const { page } = await openAt('/?devtools');
    await page.getByRole('button', { name: 'Flags' }).click();
    await page.getByRole('searchbox').fill('chat');
    await vi.waitFor(async () => expect(await page.getByRole('dialog').innerText()).toContain('network'), WITHIN);
    const footer = page.locator('footer');
    const before = await footer.textContent();
    await page.getByRole('switch', { name: 'Override live-chat' }).click();
    expect(await footer.textContent()).not.toBe(before);
    await page.getByRole('button', { name: /^live-chat/ }).click();
    expect(await page.getByRole('dialog').innerText()).toMatch(/live-chat: \w+ = (?:true|false)/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Reset all' }).click();
    expect(await footer.textContent()).toBe(before);
  });

  test('is not even loaded by anybody else', async () => {
    const asked = await openAt('/?devtools');
    await asked.page.getByRole('button', { name: 'Flags' }).waitFor();
    const other = await openAt('/');
    await expectStatus(other.page, 'Live');
    expect(other.scripts.size).toBeGreaterThan(0);
    expect(asked.scripts.size).toBeGreaterThan(other.scripts.size);
    expect(await other.page.getByRole('button', { name: 'Flags' }).count()).toBe(0);
  });
});
