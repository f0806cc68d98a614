import { chromium, firefox } from 'playwright-core';
import type { Browser } from 'playwright-core';
import { browserPath } from './installed.ts';
import type { BrowserName } from './installed.ts';

const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the machine's own browser, without a window. */
export function launch(name: BrowserName): Promise<Browser> {
  const executablePath = browserPath(name);
  // Playwright turns the back/forward cache off, which users have.
  const ignoreDefaultArgs = ['--disable-back-forward-cache'];
  return name === 'chromium'
    ? chromium.launch({ executablePath, args: CHROMIUM_ARGS, ignoreDefaultArgs })
    : firefox.launch({ executablePath, channel: 'moz-firefox' });
}
