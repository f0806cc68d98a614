import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRelay, fileSource, generateServerKey } from '@flags/relay';
import { expect, onTestFinished, test } from 'vitest';

const example = resolve(import.meta.dirname, '..');

interface Shop {
  readonly log: () => string;
  /** Resolves with the address, or throws when the process ends without one. */
  readonly url: Promise<string>;
  readonly exit: Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

function start(env: Readonly<Record<string, string>>): Shop {
  const child = spawn(process.execPath, ['--conditions=@flags/source', join(example, 'main.ts')], {
    env: { PATH: process.env['PATH'], PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (log += text));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const url = new Promise<string>((found) => {
    child.stdout.on('data', () => {
      const [address] = /http:\/\/127\.0\.0\.1:\d+/.exec(log) ?? [];
      if (address !== undefined) found(address);
    });
  });
  return { log: () => log, url, exit, kill: (signal) => void child.kill(signal) };
}

test('the service follows a real relay, goes on without it, and ends well', { timeout: 30_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'flags-express-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'flags.yaml');
  const save = (from: number): void =>
    writeFileSync(
      file,
      `environment: test\nflags:\n  free-shipping-from: { client: true, variations: { now: ${from} }, serve: now }\n`,
    );
  save(30);
  const key = generateServerKey();
  const reports: string[] = [];
  const onEvents = (batch: object): void => void reports.push(JSON.stringify(batch));
  const relay = await createRelay({ source: fileSource(file), keys: [key], port: 0, onEvents });
  onTestFinished(() => relay.close());
  await relay.listen();

  const env = { FLAGS_URL: relay.url, FLAGS_KEY: key };
  const [shop, other] = [start(env), start(env)];
  const url = await shop.url;
  const freeFrom = async (): Promise<unknown> =>
    ((await (await fetch(`${url}/api/shipping`)).json()) as { freeFrom: unknown }).freeFrom;
  expect(await freeFrom()).toBe(30);
  expect(await (await fetch(url)).text()).toContain('"free-shipping-from":{"value":30,');

  save(20);
  await expect.poll(freeFrom, { timeout: 5_000 }).toBe(20);

  // One that ends while the relay is there tells it what was read.
  await fetch(`${await other.url}/api/shipping`);
  other.kill('SIGTERM');
  expect(await other.exit).toBe(0);
  expect(reports.join()).toContain('free-shipping-from');

  await relay.close();
  const health = async (): Promise<unknown> => (await fetch(`${url}/healthz`)).json();
  await expect.poll(health, { timeout: 5_000 }).toMatchObject({ stale: true });
  expect(await freeFrom()).toBe(20);

  shop.kill('SIGTERM');
  expect(await shop.exit).toBe(0);
  expect(shop.log()).not.toContain(key);
});

test('without an address and a key it says what to set', async () => {
  const { exit, log } = start({});
  expect(await exit).toBe(1);
  expect(log()).toMatch(/^FLAGS_URL and FLAGS_KEY are not set: /);
});
