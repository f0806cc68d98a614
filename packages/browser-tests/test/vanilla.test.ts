import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import { startTestRelay } from '../src/relay.ts';
import { WITHIN } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'examples/browser-vanilla');

const FILE = './node_modules/@flags/browser/dist/flags.min.js';

// Done already in a whole run.
beforeAll(async () => {
  await promisify(execFile)('turbo', ['run', 'build', '--filter=@flags/browser', '--no-update-notifier'], {
    cwd: root,
  });
}, 120_000);

/** Serves the example's folder as it is, and these pages. */
async function serveFolder(pages: Readonly<Record<string, string>> = {}): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://files');
    const page = pages[pathname];
    if (page !== undefined) return void response.writeHead(200, { 'content-type': 'text/html' }).end(page);
    const file = join(folder, pathname === '/' ? 'index.html' : pathname);
    const type = file.endsWith('.js') ? 'text/javascript' : 'text/html';
    readFile(file).then(
      (body) => response.writeHead(200, { 'content-type': type }).end(body),
      () => response.writeHead(404).end(),
    );
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

test('one HTML file and one of the package make a page that follows its flags', async () => {
  const relay = await startTestRelay('one');
  onTestFinished(() => relay.close());
  const browser = await launch('chromium');
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => complaints.push(message.text()));

  await page.goto(await serveFolder());
  await page.getByLabel('Relay').fill(relay.url);
  await page.getByLabel('Client key').fill(relay.key);
  await page.getByRole('button', { name: 'Connect' }).click();
  const expectRow = (text: string): Promise<void> =>
    vi.waitFor(async () => expect(await page.locator('#flags').innerText()).toBe(text), WITHIN);
  await expectRow('a\t"one"\tDEFAULT');
  expect(await page.getByRole('status').textContent()).toBe('live, flags from network');
  relay.set('two');
  await expectRow('a\t"two"\tDEFAULT');
  await page.getByLabel('Context').fill('{ "targetingKey": "u-1", "plan": "pro"');
  await page.getByLabel('Context').fill('{ "targetingKey": "u-1", "plan": "pro" }');
  await expectRow('a\t"two pro"\tpro');
  expect(complaints).toEqual([]);
});

test('browsers that are told the bytes of the file take no others', async () => {
  const pageOf = (bytes: string | Buffer): string => {
    const integrity = { [FILE]: `sha384-${createHash('sha384').update(bytes).digest('base64')}` };
    // Without an icon of its own, the browser asks for one that is not there, and says so when it gets round to it.
    return `<!doctype html><title>waiting</title><link rel="icon" href="data:,"><script type="importmap">${JSON.stringify({ integrity })}</script>
      <script type="module">import { createClient } from '${FILE}'; document.title = typeof createClient;</script>`;
  };
  const url = await serveFolder({ '/right': pageOf(await readFile(join(folder, FILE))), '/wrong': pageOf('other') });
  const browser = await launch('chromium');
  onTestFinished(() => browser.close());
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  await page.goto(`${url}right`);
  expect(await page.title()).toBe('function');
  expect(complaints).toEqual([]);
  await page.goto(`${url}wrong`);
  expect(await page.title()).toBe('waiting');
  expect(complaints.join()).toContain('integrity');
});
