import { chromium, firefox } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { browserPath } from './installed.ts';
import type { BrowserName } from './installed.ts';
import type { TabBrowser } from './tab.ts';
import { launchWebKit } from './webkit.ts';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the machine's own browser, without a window; for tests that run in every one. */
export function launchAny(name: BrowserName): Promise<TabBrowser> {
  return name === 'webkit' ? launchWebKit() : launch(name);
}

/** The same for what only Playwright can tell a browser. */
export function launch(name: Exclude<BrowserName, 'webkit'>): Promise<Browser> {
  const executablePath = browserPath(name);
  // Playwright turns the back/forward cache off, which users have.
  const ignoreDefaultArgs = ['--disable-back-forward-cache'];
  return name === 'chromium'
    ? chromium.launch({ executablePath, args: CHROMIUM_ARGS, ignoreDefaultArgs })
    : firefox.launch({ executablePath, channel: 'moz-firefox' });
}
