import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { loadFlagFile } from '@flags/config';
import { afterAll, describe, expect, onTestFinished, test, vi } from 'vitest';

const examples = resolve(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'flags-hello-'));
afterAll(() => rmSync(folder, { recursive: true }));

interface Program {
  readonly child: ChildProcess;
  /** Everything it printed, both streams. */
  readonly output: () => string;
  /** Resolves once it printed this; rejects when it ended without. */
  readonly prints: (text: string | RegExp) => Promise<void>;
  readonly exit: Promise<number | null>;
}

function run(...words: readonly string[]): Program {
  return runWith({ PORT: '0', SHOP_PORT: '0' }, ...words);
}

function runWith(ports: { readonly PORT: string; readonly SHOP_PORT: string }, ...words: readonly string[]): Program {
  const child = spawn(process.execPath, ['--conditions=@flags/source', join(examples, 'hello/main.ts'), ...words], {
    env: { ...process.env, ...ports },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const prints = async (text: string | RegExp): Promise<void> => {
    while (!(typeof text === 'string' ? output.includes(text) : text.test(output))) {
      const next = await Promise.race([once(child.stdout, 'data'), once(child.stderr, 'data'), exit]);
      if (!Array.isArray(next)) throw new Error(`It ended (${next}) without printing ${text}:\n${output}`);
    }
  };
  return { child, output: () => output, prints, exit };
}

async function takePort(port: number): Promise<number> {
  const other = createServer().listen(port, '127.0.0.1');
  onTestFinished(() => void other.close());
  await once(other, 'listening');
  return (other.address() as { port: number }).port;
}

function copyOfFlags(name: string): string {
  const file = join(folder, name);
  copyFileSync(join(examples, 'flags.yaml'), file);
  return file;
}

describe('npm start', { timeout: 30_000 }, () => {
  test('with --once changes a flag, shows that it arrived, and exits with 0', async () => {
    const { exit, output } = run('--once');
    expect(await exit).toBe(0);
    expect(output()).toMatch(/^ {2}summer-sale +false DISABLED/m);
    expect(output()).toMatch(/^→ summer-sale +true STATIC/m);
    expect(output()).toMatch(/Changed \d+ ms after the file was saved: summer-sale$/m);
  });

  test('follows every edit, keeps the last good flags when one is broken, and drains on Ctrl-C', async () => {
    const file = copyOfFlags('edited.yaml');
    const { child, exit, output, prints } = run('--flags', file);
    await prints('The relay serves http://127.0.0.1:');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('Welcome to the shop!', 'Hello again!'));
    await prints(/^→ welcome-text +"Hello again!" STATIC/m);

    writeFileSync(file, text.replace('page-size: 24', 'page-size: [unclosed'));
    await prints('the last good flags stay in use');
    expect(output()).toMatch(/edited\.yaml:\d+:\d+/);
    // The line is shown, and where the bracket opens.
    expect(output()).toMatch(/^ +\d+ \| +payments:$/m);
    expect(output()).toMatch(/Close the \[ that opens at \d+:14\./);

    // As it was before the mistake: no decision changes, and yet there is something to say.
    writeFileSync(file, text.replace('Welcome to the shop!', 'Hello again!'));
    await prints('The file is good again.');

    writeFileSync(file, text.replace('page-size: 24', 'page-size: 48'));
    await prints(/^→ page-size +48 STATIC/m);
    // As it comes from a terminal through a program that hands it on.
    child.kill('SIGINT');
    await prints('Saying goodbye');
    child.kill('SIGINT');
    expect(await exit).toBe(0);
  });

  test('refuses to change a file once that is not its own', async () => {
    const { exit, output } = run('--once', '--flags', copyOfFlags('mine.yaml'));
    expect(await exit).toBe(1);
    expect(output()).toContain('leave --flags out');
  });

  test('names the place and exits with 1 when the file is invalid at the start', async () => {
    const file = copyOfFlags('invalid.yaml');
    writeFileSync(
      file,
      readFileSync(file, 'utf8').replace('serve: { on: 10%, off: 90% }', 'serve: { on: 10%, of: 90% }'),
    );
    const { exit, output } = run('--flags', file);
    expect(await exit).toBe(1);
    expect(output()).toMatch(/invalid\.yaml:\d+:\d+/);
    expect(output()).not.toContain('    at ');
  });

  test('opens a shop that follows too, and whose pages alone may ask the relay', async () => {
    const file = copyOfFlags('shop.yaml');
    const { output, prints, child, exit } = run('--flags', file);
    await prints('The shop is open: http://127.0.0.1:');
    const [relay = '', shop = ''] = ['relay serves', 'shop is open:'].map(
      (words) => new RegExp(`${words} (http://127.0.0.1:\\d+)`).exec(output())?.[1],
    );
    const page = async (): Promise<string> => (await fetch(shop)).text();
    expect(await page()).toContain('<h1>Welcome to the shop!</h1>');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Welcome to the shop!', 'Hello, browsers!'));
    await prints(/^→ welcome-text +"Hello, browsers!" STATIC/m);
    await vi.waitFor(async () => expect(await page()).toContain('<h1>Hello, browsers!</h1>'), 5_000);

    const [, key = ''] = /"key":"(ck_[\w-]+)"/.exec(await page()) ?? [];
    const ask = async (origin: string): Promise<readonly unknown[]> => {
      const headers = { origin, authorization: `Bearer ${key}` };
      const response = await fetch(`${relay}/v1/snapshot`, { headers });
      return [response.status, response.headers.get('access-control-allow-origin')];
    };
    expect(await ask(shop)).toEqual([200, shop]);
    const byName = shop.replace('127.0.0.1', 'localhost');
    expect(await ask(byName)).toEqual([200, byName]);
    expect(await ask('http://elsewhere.example')).toEqual([403, null]);
    child.kill('SIGINT');
    expect(await exit).toBe(0);
  });

  test.each(['PORT', 'SHOP_PORT'] as const)('says that %s is in use when it was told to take it', async (name) => {
    const port = await takePort(0);
    const { exit, output } = runWith({ PORT: '0', SHOP_PORT: '0', [name]: `${port}` }, '--flags', copyOfFlags(name));
    expect(await exit).toBe(1);
    expect(output()).toContain(`${port}`);
    expect(output()).not.toContain('    at ');
  });

  test('takes the next port when nobody chose one and the first is taken', async () => {
    // Whoever has them: this test, or somebody on this machine.
    await Promise.all([takePort(8080), takePort(3000)].map((taken) => taken.catch(() => {})));
    const { prints, output, child, exit } = runWith({ PORT: '', SHOP_PORT: '' }, '--flags', copyOfFlags('next.yaml'));
    await prints('Ctrl-C ends.');
    expect(output()).toMatch(/Port 8080 is in use, trying 8081\.$/m);
    expect(output()).toMatch(/Port 3000 is in use, trying 3001 for the shop\.$/m);
    expect(output()).toMatch(/The relay serves http:\/\/127\.0\.0\.1:80[89]\d,/);
    expect(output()).toMatch(/The shop is open: http:\/\/127\.0\.0\.1:30[012]\d /);
    child.kill('SIGINT');
    expect(await exit).toBe(0);
  });
});

test('The lock file beside the example fits it, so that starting it changes nothing that git tracks', async () => {
  const loaded = await loadFlagFile(join(examples, 'flags.yaml'), { write: false });
  expect(loaded.ok && loaded.changed).toEqual({ flags: [], segments: [] });
});
