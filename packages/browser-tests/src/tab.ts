import type { Page } from 'playwright-core';

/** A page, as far as every browser can be told what to do with it. */
export type Tab = Pick<Page, 'goto' | 'evaluate' | 'exposeFunction' | 'close'>;

/** Tabs that belong together. */
export interface TabContext {
  newPage(): Promise<Tab>;
  close(): Promise<void>;
}

/** A browser of any kind. */
export interface TabBrowser<Context extends TabContext = TabContext> {
  newContext(): Promise<Context>;
  close(): Promise<void>;
}
