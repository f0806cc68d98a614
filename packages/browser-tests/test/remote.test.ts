import type { EvaluationContext } from '@flags/core';
import { signContext } from '@flags/node';
import { describe, expect, test, vi } from 'vitest';
import { launchAny } from '../src/launch.ts';
import { ann, bob, createRemoteWorld, seen, valueIn } from './remote-world.ts';
import { WITHIN } from './world.ts';

const SECRET = 'a secret of thirty-two characters';

describe.each(['chromium', 'firefox', 'webkit'] as const)('In %s, with the relay evaluating', (name) => {
  const world = createRemoteWorld(() => launchAny(name));

  test('values come for the context, and their changes at once; rules do not come', async () => {
    await world.begin();
    const page = await world.openPage(ann);
    expect(await page.evaluate(() => window.page.client!.ready())).toEqual({ source: 'network' });
    expect(await valueIn(page)).toBe('one pro');
    world.relay().set('two');
    await seen(page, 'two pro');
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(await valueIn(page)).toBe('two');
    expect(await page.evaluate(() => window.page.client!.snapshot())).toBeUndefined();
    await vi.waitFor(() => expect(world.relay().streams()).toBe(1), WITHIN);
    await page.evaluate(() => window.page.client!.close());
    await vi.waitFor(() => expect(world.relay().streams()).toBe(0), WITHIN);
  });

  test('what the page brought along is served at once, under a strict policy, until values come', async () => {
    await world.begin();
    const page = await world.context().newPage();
    await page.goto(`${world.site().url}/with-head`);
    const first = await page.evaluate((options) => window.page.startRemote(options).details('a', 'default'), {
      url: world.relay().url,
      key: world.relay().key,
      context: ann,
    });
    expect(first).toMatchObject({ value: 'from the page', source: 'bootstrap' });
    await seen(page, 'one pro');
  });

  test('without a relay the next page starts with what each context was given last', async () => {
    await world.begin();
    const page = await world.openPage(ann);
    await seen(page, 'one pro');
    await page.evaluate((next) => window.page.client!.setContext(next), bob);
    await page.evaluate(() => window.page.client!.flush());
    await world.relay().close();
    await page.goto(world.site().url);
    const options = { url: world.relay().url, key: world.relay().key, context: ann };
    const details = await page.evaluate((given) => window.page.startRemote(given).details('a', 'default'), options);
    expect(details).toMatchObject({ value: 'one pro', source: 'cache', stale: true });
    const next = await page.evaluate((who) => {
      void window.page.client!.setContext(who);
      return window.page.client!.details('a', 'default');
    }, bob);
    expect(next).toMatchObject({ value: 'one', source: 'cache', stale: true });
  });

  test('a key that was refused is fetched anew', async () => {
    await world.begin();
    const page = await world.context().newPage();
    await page.goto(world.site().url);
    const keys = await page.evaluate(
      async ({ url, key, who }) => {
        let asked = 0;
        const client = window.page.startRemote({
          url,
          context: who,
          key: () => (++asked === 1 ? `${key}-no-more` : key),
        });
        await client.ready();
        return asked;
      },
      { url: world.relay().url, key: world.relay().key, who: ann },
    );
    expect(keys).toBe(2);
    expect(await valueIn(page)).toBe('one pro');
  });

  test('where contexts are signed, only those are answered for', async () => {
    await world.begin({ contextSecrets: [SECRET] });
    const sign = (who: EvaluationContext): string => signContext(who, SECRET, { expiresAt: Date.now() + 60_000 });
    const page = await world.openPage(ann, sign(ann));
    await seen(page, 'one pro');
    // Signed for another.
    const ready = await page.evaluate((next) => window.page.client!.setContext(next), bob);
    expect(ready.source).toBeUndefined();
    expect(ready).toMatchObject({ reason: 'auth' });
    expect(await valueIn(page)).toBe('default');
    await page.exposeFunction('sign', sign);
    const signed = await page.evaluate(
      async ({ url, key, who, next }) => {
        const client = window.page.startRemote({
          url,
          key,
          context: who,
          contextSignature: (context) =>
            (window as unknown as { sign: (context: EvaluationContext) => Promise<string> }).sign(context),
        });
        await client.ready();
        const first = client.value('a', 'default');
        await client.setContext(next);
        return [first, client.value('a', 'default')];
      },
      { url: world.relay().url, key: world.relay().key, who: ann, next: bob },
    );
    expect(signed).toEqual(['one pro', 'one']);
  });

  test('tabs with the same context share one connection, and no values with others', async () => {
    await world.begin();
    const first = await world.openPage(ann);
    await seen(first, 'one pro');
    const [second, third] = [await world.openPage({ plan: 'pro', targetingKey: 'ann' }), await world.openPage(bob)];
    await seen(second, 'one pro');
    await seen(third, 'one');
    await vi.waitFor(() => expect(world.relay().streams()).toBe(2), WITHIN);
    // The leader goes to another context: the follower goes on with the first.
    await first.evaluate((next) => window.page.client!.setContext(next), bob);
    await vi.waitFor(() => expect(world.relay().streams()).toBe(2), WITHIN);
    world.relay().set('two');
    await seen(first, 'two');
    await seen(second, 'two pro');
    await seen(third, 'two');
    for (const page of [first, second, third]) {
      expect(await page.evaluate(() => window.page.client!.status())).toMatchObject({ state: 'live', drift: false });
    }
  });
});
