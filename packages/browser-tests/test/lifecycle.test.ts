import type { CDPSession, Page } from 'playwright-core';
import { expect, test, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import { createWorld, expectAll, expectSurvivors, WITHIN } from './world.ts';

// What only Chromium can be told to do.
const world = createWorld(() => launch('chromium'));
const session = (page: Page): Promise<CDPSession> => world.context().newCDPSession(page);

test('the others go on when the leader crashes', () =>
  expectSurvivors(world, async (leader) => {
    const crashed = leader.waitForEvent('crash');
    void (await session(leader)).send('Page.crash').catch(() => {});
    await crashed;
  }));

test('the others go on when the leader is frozen, and it comes back as one of them', async () => {
  let frozen: readonly [Page, CDPSession] | undefined;
  await expectSurvivors(world, async (leader) => {
    frozen = [leader, await session(leader)];
    await frozen[1].send('Page.setWebLifecycleState', { state: 'frozen' });
  });
  const [leader, driver] = frozen!;
  await driver.send('Page.setWebLifecycleState', { state: 'active' });
  await expectAll([leader], 'three');
  expect(world.relay().streams()).toBe(1);
});

test('a page that comes back from the back/forward cache goes on', async () => {
  const [tab] = (await world.openTabs(1)) as [Page];
  const driver = await session(tab);
  const look = async (what: string): Promise<unknown> =>
    (await driver.send('Runtime.evaluate', { expression: what })).result.value;
  await driver.send('Page.navigate', { url: `${world.site().url}/other` });
  await vi.waitFor(() => expect(world.relay().streams()).toBe(0), WITHIN);
  world.relay().set('while away');
  await look('history.back()');
  await vi.waitFor(async () => expect(await look('window.page?.restored')).toBe(1), WITHIN);
  await vi.waitFor(async () => expect(await look("window.page.client.value('a', '')")).toBe('while away'), WITHIN);
  world.relay().set('after');
  await vi.waitFor(async () => expect(await look("window.page.client.value('a', '')")).toBe('after'), WITHIN);
});
