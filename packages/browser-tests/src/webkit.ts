import { Builder, Capabilities } from 'selenium-webdriver';
import type { WebDriver } from 'selenium-webdriver';
import type { TabBrowser, TabContext } from './tab.ts';
import { startWebKitDriver } from './webkit-driver.ts';
import { createWebKitTab } from './webkit-tab.ts';
import type { WebKitTab } from './webkit-tab.ts';

/** Tabs of WebKit that are left together. */
export interface WebKitContext extends TabContext {
  newPage(): Promise<WebKitTab>;
}

/** One that can be used again. */
interface PooledTab extends WebKitTab {
  readonly leave: () => Promise<void>;
}

/**
 * Starts WebKitGTK. Its contexts share what the browser keeps: sites and relays of tests have ports of their own.
 *
 * @throws when it is missing or does not start.
 */
export async function launchWebKit(): Promise<TabBrowser<WebKitContext>> {
  const process = await startWebKitDriver();
  const driver = await startSession(process.url).catch(async (error: unknown) => {
    await process.close();
    throw error;
  });
  // It stays to the end: without a window there is no browser.
  const home = await driver.getWindowHandle();
  let current = home;
  let turn: Promise<unknown> = Promise.resolve();

  function inTab<T>(handle: string, work: (driver: WebDriver) => Promise<T>): Promise<T> {
    const run = async (): Promise<T> => {
      if (current !== handle) await driver.switchTo().window(handle);
      current = handle;
      return work(driver);
    };
    const mine = turn.then(run, run);
    turn = mine;
    return mine;
  }

  // To open a tab costs more than all that a test does in it.
  const unused: string[] = [];
  async function newHandle(): Promise<string> {
    await driver.switchTo().newWindow('tab');
    current = await driver.getWindowHandle();
    return current;
  }

  async function newTab(): Promise<PooledTab> {
    const handle = unused.pop() ?? (await inTab(home, newHandle));
    let isClosed = false;
    const close = async (): Promise<void> => {
      if (isClosed) return;
      isClosed = true;
      await inTab(handle, async () => {
        await driver.close();
        await driver.switchTo().window(home);
        current = home;
      });
    };
    const leave = async (): Promise<void> => {
      if (isClosed) return;
      isClosed = true;
      await inTab(handle, () => driver.get('about:blank'));
      unused.push(handle);
    };
    return {
      ...createWebKitTab(
        (work) => inTab(handle, work),
        () => isClosed,
      ),
      close,
      leave,
    };
  }

  return {
    newContext: async () => {
      const tabs: PooledTab[] = [];
      return {
        newPage: async () => {
          const tab = await newTab();
          tabs.push(tab);
          return tab;
        },
        close: async () => {
          for (const tab of tabs.splice(0)) await tab.leave();
        },
      };
    },
    close: () => inTab(home, () => driver.quit()).finally(process.close),
  };
}

async function startSession(url: string): Promise<WebDriver> {
  return new Builder()
    .usingServer(url)
    .withCapabilities(new Capabilities({ browserName: 'MiniBrowser' }))
    .build();
}
