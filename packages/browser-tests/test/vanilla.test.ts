import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { launch } from '../src/launch.ts';
import { startTestRelay } from '../src/relay.ts';
import { WITHIN } from './world.ts';

const root = resolve(import.meta.dirname, '../../..');
const folder = join(root, 'examples/browser-vanilla');

/** Serves the example's folder as it is. */
async function serveFolder(): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    const { pathname } = new URL(url, 'http://files');
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

test('one HTML file and the built packages make a page that follows its flags', async () => {
  // Done already in a whole run.
  await promisify(execFile)('turbo', ['run', 'build', '--filter=@flags/browser', '--no-update-notifier'], {
    cwd: root,
  });
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
