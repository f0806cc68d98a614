import { describe, expect, test } from 'vitest';
import { launchAny } from '../src/launch.ts';
import { createWorld, expectAll, expectLive, expectSurvivors, HANDOVER, timeOfChange } from './world.ts';

describe.each(['chromium', 'firefox', 'webkit'] as const)('Tabs of %s', (name) => {
  const world = createWorld(() => launchAny(name));

  test('eight of them have one connection, and all hear of a change', async () => {
    const tabs = await world.openTabs(8);
    expect(await timeOfChange(world.relay(), tabs, 'two')).toBeLessThan(HANDOVER);
    expect(world.relay().streams()).toBe(1);
    await expectLive(tabs);
  });

  test('a new one starts with what the leader has', async () => {
    const tabs = await world.openTabs(1);
    await timeOfChange(world.relay(), tabs, 'two');
    const tab = await world.openTab();
    await expectAll([tab], 'two');
    await expectLive([tab]);
    expect(world.relay().streams()).toBe(1);
  });

  test('the others go on when the leader is closed', () => expectSurvivors(world, (leader) => leader.close()));

  test('the others go on when the leader goes to another page', () =>
    expectSurvivors(world, (leader) => leader.goto('about:blank')));

  test('the others go on when the client of the leader is closed', () =>
    expectSurvivors(world, (leader) => leader.evaluate(() => window.page.client!.close())));
});
