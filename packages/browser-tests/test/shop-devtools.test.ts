import { describe, expect, test, vi } from 'vitest';
import { createShopWorld, expectAccessible } from './shop-world.ts';
import { WITHIN } from './world.ts';

describe.each(['chromium', 'firefox'] as const)('The shop’s panel for developers in %s', (name) => {
  const world = createShopWorld(name, true);

  test('works over a document that React hydrated, under its policy, and explains what it overrides', async () => {
    const page = await world.open();
    const footer = page.locator('footer');
    await page.getByRole('button', { name: 'Flags' }).click();
    await page.getByRole('searchbox').fill('chat');
    await vi.waitFor(async () => expect(await page.getByRole('dialog').innerText()).toContain('network'), WITHIN);
    const before = await footer.textContent();
    await page.getByRole('switch', { name: 'Override live-chat' }).click();
    expect(await footer.textContent()).not.toBe(before);
    await page.getByRole('button', { name: /^live-chat/ }).click();
    expect(await page.getByRole('dialog').innerText()).toMatch(/live-chat: \w+ = (?:true|false)/);
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Reset all' }).click();
    expect(await footer.textContent()).toBe(before);
  });
});
