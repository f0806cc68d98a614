import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { browserVersion } from '@flags/browser-tests/installed';
import { launchAny } from '@flags/browser-tests/launch';
import { bundle } from '../bundle.ts';
import type { Runtime } from '../runtime.ts';
import { ANSWER, readAnswer, writeInput } from '../runtime.ts';

declare global {
  interface Window {
    /** Calls the page's program: JSON in, JSON out. */
    callProgram: (text: string) => Promise<string>;
  }
}

const HOST = `${ANSWER}
import { run } from '/program.js';
window.callProgram = (text) => answer(run, text);
`;
const PAGE = '<!doctype html><title>program</title><script type="module" src="/host.js"></script>';
// No code from text, and no WebAssembly.
const POLICY = "default-src 'none'; script-src 'self'; connect-src http://127.0.0.1:*";

/** Chromium, in a page with a strict content security policy. */
export const chromium: Runtime = browser('chromium');
/** Firefox, likewise. */
export const firefox: Runtime = browser('firefox');
/** WebKitGTK, likewise. */
export const webkit: Runtime = browser('webkit');

function browser(name: Parameters<typeof launchAny>[0]): Runtime {
  return {
    name,
    version: () => browserVersion(name),
    load: async (entry) => {
      const site = await startSite(await bundle(entry, { format: 'esm', platform: 'browser' }));
      const process = await launchAny(name).catch(async (error: unknown) => {
        await site.close();
        throw error;
      });
      const close = async (): Promise<void> => {
        await process.close();
        await site.close();
      };
      try {
        const page = await (await process.newContext()).newPage();
        await page.goto(site.url);
        if (!(await page.evaluate(() => typeof window.callProgram === 'function'))) {
          throw new Error(`${entry} failed while it was loaded, or exports no function run.`);
        }
        const call = (text: string): Promise<string> => page.evaluate((given) => window.callProgram(given), text);
        return { call: async (input) => readAnswer(await call(writeInput(input))), close };
      } catch (error) {
        await close();
        throw error;
      }
    },
  };
}

async function startSite(program: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const scripts: Readonly<Record<string, string>> = { '/program.js': program, '/host.js': HOST };
  const server = createServer(({ url = '/' }, response) => {
    const script = scripts[url];
    const type = script === undefined ? 'text/html' : 'text/javascript';
    response.writeHead(200, { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': POLICY });
    response.end(script ?? PAGE);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((done) => {
        server.close(done);
      });
    },
  };
}
