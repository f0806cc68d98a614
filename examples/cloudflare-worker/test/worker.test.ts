import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRelay, fileSource, generateServerKey } from '@flags/relay';
import { expect, onTestFinished, test } from 'vitest';
import { startWrangler } from './wrangler.ts';

const folder = mkdtempSync(join(tmpdir(), 'flags-worker-'));
const flags = join(folder, 'flags.yaml');
const key = generateServerKey();

function save(greeting: string): void {
  writeFileSync(
    flags,
    `environment: test
flags:
  welcome-text: { client: true, variations: { now: "${greeting}" }, serve: now }
  new-checkout: { client: true, serve: { on: 50%, off: 50% } }
  free-shipping-from: 30
`,
  );
}

interface Page {
  readonly text: string;
  readonly cookie: string;
  readonly policy: string;
}

async function readPage(url: string, cookie?: string): Promise<Page> {
  const headers: Record<string, string> = cookie === undefined ? {} : { cookie };
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  return {
    text: await response.text(),
    cookie: response.headers.get('set-cookie') ?? '',
    policy: response.headers.get('content-security-policy') ?? '',
  };
}

const greetingOf = async (url: string): Promise<string | undefined> =>
  /<h1>(.*)<\/h1>/.exec((await readPage(url)).text)?.[1];

/** Whether a value is in the KV that wrangler keeps in files. */
function isKept(state: string, value: RegExp): boolean {
  const files = readdirSync(join(state, 'v3/kv'), { recursive: true, withFileTypes: true });
  return files.some((file) => file.isFile() && value.test(readFileSync(join(file.parentPath, file.name), 'latin1')));
}

test(
  'the example runs in wrangler, follows a real relay, and needs none once it has rules',
  { timeout: 60_000 },
  async () => {
    const state = join(folder, 'state');
    save('Hello & <welcome>!');
    const relay = await createRelay({ source: fileSource(flags), keys: [key], port: 0 });
    await relay.listen();
    const vars = { FLAGS_URL: relay.url, FLAGS_KEY: key };
    onTestFinished(async () => {
      await relay.close();
      rmSync(folder, { recursive: true, force: true });
    });
    const first = await startWrangler(vars, state);

    // The first answer, with flags that browsers may see, under the page's own policy.
    const { text, cookie, policy } = await readPage(first.url);
    expect(text).toContain('<h1>Hello &amp; &lt;welcome&gt;!</h1>');
    const nonce = /'nonce-([\w-]+)'/.exec(policy)?.[1];
    expect(text).toContain(`<script nonce="${nonce}">window.__FLAG_BOOTSTRAP__ = `);
    expect(text).toMatch(/"welcome-text":\{.*"new-checkout":\{|"new-checkout":\{.*"welcome-text":\{/);
    expect(text).not.toContain('free-shipping-from');

    // A visitor who is known keeps what they were given.
    const [id = ''] = cookie.split(';');
    expect(id).toMatch(/^flags-id=[\w-]{36}$/);
    const checkout = /Checkout in .*\./.exec(text)?.[0];
    for (let visit = 0; visit < 3; visit += 1) {
      const again = await readPage(first.url, id);
      expect([again.text.includes(checkout ?? 'none'), again.cookie]).toEqual([true, '']);
    }
    const answer = await fetch(`${first.url}/api/shipping`, { headers: { cookie: id } });
    expect(await answer.json()).toEqual({ freeFrom: 30, for: id.slice('flags-id='.length) });
    expect((await fetch(`${first.url}/nothing`)).status).toBe(404);

    // A change comes over the one stream of the object.
    await expect.poll(() => relay.streams, { timeout: 5_000 }).toBe(1);
    save('Pushed!');
    await expect.poll(() => greetingOf(first.url), { timeout: 10_000, interval: 200 }).toBe('Pushed!');
    // And goes on to KV, for the next start.
    await expect.poll(() => isKept(state, /"position":"\w+\.2\./), { timeout: 5_000, interval: 100 }).toBe(true);

    await relay.close();
    expect(await greetingOf(first.url)).toBe('Pushed!');
    await first.stop();

    const second = await startWrangler(vars, state);
    expect(await greetingOf(second.url)).toBe('Pushed!');
    for (const { log } of [first, second]) expect(log()).not.toContain(key);
  },
);
