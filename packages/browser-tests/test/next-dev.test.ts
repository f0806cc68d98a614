import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { buildPackages, copyNextExample, startNext } from '../src/next-app.ts';
import type { NextServer } from '../src/next-app.ts';
import { createFlagFile } from './flag-file.ts';
import { envFor } from './next-bench.ts';
import { createWatchedPages } from './watched-pages.ts';
import { WITHIN } from './world.ts';

// It compiles a page when it is asked for it, at its leisure where the machine is busy.
const COMPILED = { timeout: 90_000 };
const LONG = 120_000;

// `next dev` tells what the others keep to themselves: in pages what does not hydrate, and what edge runtimes elsewhere refuse.
describe('The example with Next, while it is written', () => {
  const flags = createFlagFile();
  const pages = createWatchedPages('chromium');
  beforeAll(buildPackages, 2 * LONG);

  async function startDev(entry: 'middleware' | 'proxy'): Promise<NextServer> {
    const server = await startNext('dev', envFor(flags), copyNextExample(entry));
    onTestFinished(server.close);
    return server;
  }
  const expectNoWarning = ({ log }: NextServer): void => expect(log()).not.toMatch(/Dynamic(?:Code|Wasm)|error/i);

  test(
    'runs without a complaint, and its middleware does nothing that an edge runtime refuses',
    async () => {
      const server = await startDev('middleware');
      const page = await pages.newPage();
      await page.goto(server.url, COMPILED);
      const expectGreeting = (text: string): Promise<void> =>
        vi.waitFor(async () => expect(await page.locator('h1').textContent()).toBe(text), WITHIN);
      await expectGreeting('Welcome to the shop!');
      await vi.waitFor(() => expect(flags.relay().streams).toBe(2), WITHIN);
      flags.edit('Welcome to the shop!', 'While it is written');
      await expectGreeting('While it is written');
      expect(await page.context().cookies()).toMatchObject([{ name: 'flags-id' }]);
      expectNoWarning(server);
    },
    LONG,
  );

  test(
    'does the same with a proxy.ts in place of its middleware.ts',
    async () => {
      const server = await startDev('proxy');
      const response = await fetch(`${server.url}/pricing`, { headers: { cookie: 'flags-id=visitor-1001' } });
      expect(await response.text()).toContain('data-layout=');
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(response.headers.get('content-security-policy')).toContain(new URL(flags.relay().url).origin);
      expect((await fetch(`${server.url}/api/shipping`)).headers.getSetCookie()).toHaveLength(1);
      expect(server.log()).not.toContain('"middleware" file convention');
      expectNoWarning(server);
    },
    LONG,
  );
});
