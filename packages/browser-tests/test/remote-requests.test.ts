import { describe, expect, test } from 'vitest';
import { launch } from '../src/launch.ts';
import { ann, bob, createRemoteWorld, seen, valueIn } from './remote-world.ts';

// Where requests can be looked at, and held back.
describe.each(['chromium', 'firefox'] as const)('Requests of %s, with the relay evaluating', (name) => {
  const world = createRemoteWorld(() => launch(name));

  test('are for values alone', async () => {
    await world.begin();
    const urls: string[] = [];
    world.context().on('request', (request) => void urls.push(request.url()));
    const page = await world.openPage(ann);
    await seen(page, 'one pro');
    world.relay().set('two');
    await seen(page, 'two pro');
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    const asked = urls.filter((url) => url.startsWith(world.relay().url));
    expect(asked.length).toBeGreaterThan(1);
    expect(asked).toEqual(asked.map(() => `${world.relay().url}/v1/client/stream`));
  });

  test('a slow answer for the last context never shows', async () => {
    await world.begin();
    let letGo = (): void => {};
    const held = new Promise<void>((resolve) => {
      letGo = resolve;
    });
    await world.context().route('**/v1/client/stream', async (route) => {
      if (route.request().postData()?.includes('ann') === true) await held;
      // The page may have given it up.
      await route.continue().catch(() => {});
    });
    const page = await world.openPage(ann);
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(await valueIn(page)).toBe('one');
    letGo();
    world.relay().set('two');
    await seen(page, 'two');
    expect(await page.evaluate(() => window.page.heard.map(({ value }) => value))).toEqual(['default', 'one', 'two']);
  });
});
