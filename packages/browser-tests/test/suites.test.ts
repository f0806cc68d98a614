import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { TransportReceiver } from '@flags/sync';
import { describeTransport } from '@flags/sync/testing';
import { afterAll, beforeAll, describe, expect, test as it } from 'vitest';
import { launchAny } from '../src/launch.ts';
import type { PageNews } from '../src/page.ts';
import { startSite } from '../src/site.ts';
import type { Site } from '../src/site.ts';
import type { Tab, TabBrowser } from '../src/tab.ts';

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, content-type, last-event-id, accept',
  'access-control-expose-headers': 'retry-after',
};

describe.each(['chromium', 'firefox', 'webkit'] as const)('In %s', (name) => {
  let browser: TabBrowser;
  let site: Site;
  let page: Tab;
  const receivers = new Map<number, TransportReceiver>();
  let last = 0;

  beforeAll(async () => {
    site = await startSite();
    browser = await launchAny(name);
    page = await (await browser.newContext()).newPage();
    await page.goto(site.url);
    await page.exposeFunction('tell', (id: number, news: PageNews) => {
      const receiver = receivers.get(id);
      if (news.type === 'response') receiver?.response(news);
      if (news.type === 'bytes') receiver?.bytes(Buffer.from(news.base64, 'base64'));
      if (news.type === 'end') receiver?.end(news.problem);
    });
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  describeTransport({
    test: (title, body) => {
      // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the suite throws by itself and names its tests
      it(title, body);
    },
    // The page's transport, at the other end of a wire.
    createTransport: () => ({
      open: (request, receiver) => {
        const id = ++last;
        receivers.set(id, receiver);
        void page.evaluate(([number, wanted]) => window.page.open(number, wanted), [id, request] as const);
        return {
          close: () => {
            receivers.delete(id);
            void page.evaluate((number) => window.page.close(number), id);
          },
        };
      },
    }),
    follows: 'reads',
    seesDamage: name !== 'webkit',
    serve: async (handle) => {
      const server = createServer((request, response) => {
        if (request.method === 'OPTIONS') {
          response.writeHead(204, CORS).end();
          return;
        }
        handle({
          method: request.method ?? '',
          path: request.url ?? '',
          headers: request.headers as Record<string, string | undefined>,
          body: text(request),
          respond: (status, headers) => void response.writeHead(status, { ...CORS, ...headers }),
          write: (piece) => void response.write(piece),
          end: () => void response.end(),
          cut: () => void response.destroy(),
          gone: new Promise((resolve) => {
            response.on('close', resolve);
          }),
        });
      });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      return {
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        close: () =>
          new Promise((resolve) => {
            server.close(() => resolve());
            server.closeAllConnections();
          }),
      };
    },
  });

  it('localStorage keeps what every store must', async () => {
    const outcomes = await page.evaluate(() => window.page.storeSuite());
    expect(outcomes.length).toBeGreaterThan(3);
    expect(outcomes.filter(({ problem }) => problem !== undefined)).toEqual([]);
  });
});
