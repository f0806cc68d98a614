import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import { startTestRelay } from '../src/relay.ts';
import type { TestRelay } from '../src/relay.ts';
import { startSite } from '../src/site.ts';
import type { Site } from '../src/site.ts';
import type { Tab, TabBrowser, TabContext } from '../src/tab.ts';

export const WITHIN = { timeout: 15_000, interval: 20 };
/** Until every tab has a change that follows the end of the leader, in milliseconds, on a busy machine. */
export const HANDOVER = 5_000;

type TabOf<Context extends TabContext> = Awaited<ReturnType<Context['newPage']>>;

/** A browser with tabs of one site, and a relay behind them. */
export interface World<Context extends TabContext> {
  readonly relay: () => TestRelay;
  readonly context: () => Context;
  readonly site: () => Site;
  /** Opens a page of the site and starts its client. */
  readonly openTab: () => Promise<TabOf<Context>>;
  /** Starts a relay that says `one` and opens so many tabs; the first leads. */
  readonly openTabs: (count: number) => Promise<TabOf<Context>[]>;
}

/** Prepares a world for the tests of a `describe` block; each test begins with `openTabs`. */
export function createWorld<Context extends TabContext>(launch: () => Promise<TabBrowser<Context>>): World<Context> {
  let browser: TabBrowser<Context>;
  let site: Site;
  let relay: TestRelay;
  let context: Context;
  beforeAll(async () => {
    site = await startSite();
    browser = await launch();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  afterEach(async () => {
    await context?.close();
    await relay?.close();
  });

  async function openTab(): Promise<TabOf<Context>> {
    const page = (await context.newPage()) as TabOf<Context>;
    await page.goto(site.url);
    await page.evaluate((options) => void window.page.start(options), { url: relay.url, key: relay.key });
    return page;
  }

  async function openTabs(count: number): Promise<TabOf<Context>[]> {
    relay = await startTestRelay('one', { heartbeatMs: 1_000 });
    context = await browser.newContext();
    const tabs: TabOf<Context>[] = [];
    for (let at = 0; at < count; at++) tabs.push(await openTab());
    await expectAll(tabs, 'one');
    await vi.waitFor(() => expect(relay.streams()).toBe(1), WITHIN);
    return tabs;
  }
  return { relay: () => relay, context: () => context, site: () => site, openTab, openTabs };
}

/** Waits until every tab reads this value. */
export async function expectAll(tabs: readonly Tab[], value: string): Promise<void> {
  for (const tab of tabs) {
    await vi.waitFor(
      async () => expect(await tab.evaluate(() => window.page.client!.value('a', 'default'))).toBe(value),
      WITHIN,
    );
  }
}

/** Waits until every tab is in touch, and knows it. */
export async function expectLive(tabs: readonly Tab[]): Promise<void> {
  for (const tab of tabs) {
    await vi.waitFor(
      async () =>
        expect(await tab.evaluate(() => window.page.client!.status())).toMatchObject({ state: 'live', stale: false }),
      WITHIN,
    );
  }
}

/** Changes the flag; how long it took until the last tab had heard, by their clocks, which are the test's. */
export async function timeOfChange(relay: TestRelay, tabs: readonly Tab[], value: string): Promise<number> {
  const at = relay.set(value);
  await expectAll(tabs, value);
  const times = tabs.map((tab) =>
    tab.evaluate((wanted) => window.page.heard.find((event) => event.value === wanted)?.at ?? Infinity, value),
  );
  return Math.max(...(await Promise.all(times))) - at;
}

/** Ends the first of four tabs, which leads, in some way; the others have to hear of the next changes, over one connection. */
export async function expectSurvivors<Context extends TabContext>(
  world: World<Context>,
  kill: (leader: TabOf<Context>) => Promise<unknown>,
): Promise<void> {
  const [leader, ...others] = (await world.openTabs(4)) as [TabOf<Context>, ...TabOf<Context>[]];
  await kill(leader);
  expect(await timeOfChange(world.relay(), others, 'two')).toBeLessThan(HANDOVER);
  await vi.waitFor(() => expect(world.relay().streams()).toBe(1), WITHIN);
  expect(await timeOfChange(world.relay(), others, 'three')).toBeLessThan(HANDOVER);
  await expectLive(others);
}
