import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Flag } from '@flags/core';
import { createClient } from '@flags/node';
import type { EventBatch } from '@flags/sync';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRelay, fileSource, memorySource } from '../src/index.ts';
import { directory } from './directory.ts';
import { flag, manyFlags, ruleset } from './ruleset.ts';
import { KEY, start, until } from './start.ts';

const flagFile = (rest: string): string =>
  `environment: test\nflags:\n${Array.from({ length: 8 }, (_, index) => `  other-${index}: true\n`).join('')}${rest}`;

describe('file → relay → SDK', () => {
  it('answers from the file, and from what it becomes, without a restart', async () => {
    const path = join(await directory(), 'flags.yaml');
    await writeFile(
      path,
      flagFile('  checkout: { type: boolean, rules: [{ if: { plan: pro }, serve: on }], serve: off }\n'),
    );
    const { relay } = await start({ source: fileSource(path) });
    const flags = createClient({ url: relay.url, key: KEY });
    onTestFinished(() => flags.close());
    expect(await flags.ready({ timeoutMs: 5_000 })).toMatchObject({ source: 'network' });
    const pro = { targetingKey: 'u', plan: 'pro' };
    expect(flags.value('checkout', false, pro)).toBe(true);
    expect(flags.value('checkout', false, { targetingKey: 'u', plan: 'free' })).toBe(false);

    await writeFile(
      path,
      flagFile('  checkout: { type: boolean, rules: [{ if: { plan: team }, serve: on }], serve: off }\n'),
    );
    await until(() => !flags.value('checkout', true, pro));
    expect(flags.details('checkout', true, pro)).toMatchObject({ value: false, reason: 'DEFAULT' });

    await writeFile(path, flagFile('  checkout: [\n'));
    await new Promise((resolve) => void setTimeout(resolve, 300));
    expect(flags.details('checkout', true, pro)).toMatchObject({ value: false, stale: false });

    await writeFile(path, flagFile(''));
    await until(() => flags.details('checkout', true, pro).errorCode === 'FLAG_NOT_FOUND');
    expect(flags.status()).toMatchObject({ state: 'live', drift: false });
  });

  it('comes back by itself after a restart of the relay, to what has changed meanwhile', async () => {
    const { relay } = await start({ source: memorySource(ruleset(1, [flag('a'), ...manyFlags(5)])) });
    const flags = createClient({ url: relay.url, key: KEY });
    onTestFinished(() => flags.close());
    await flags.ready({ timeoutMs: 5_000 });
    const port = Number(new URL(relay.url).port);
    await relay.close();
    expect(flags.value('a', false)).toBe(true);
    const source = memorySource(ruleset(2, [flag('a', 2, { enabled: false }), ...manyFlags(5)]));
    const again = await createRelay({ source, keys: [KEY], port });
    onTestFinished(() => again.close());
    await again.listen();
    await until(() => !flags.value('a', true));
    expect(flags.status()).toMatchObject({ state: 'live', stale: false });
  }, 20_000);

  it('tells a client with an unknown key so, and the client serves defaults', async () => {
    const { relay } = await start();
    const flags = createClient({ url: relay.url, key: 'sk_unknown_to_the_relay' });
    onTestFinished(() => flags.close());
    await until(() => flags.status().reason === 'auth');
    expect(flags.value('f0', false)).toBe(false);
  });

  it('hands on what a client counted when the client is closed, and nothing private', async () => {
    const experiment = (by: string): Partial<Flag> => ({
      fallthrough: { split: { by, slices: [['on', 100_000]], experiment: `by-${by}` } },
    });
    const batches: EventBatch[] = [];
    const { relay } = await start({
      source: memorySource(ruleset(1, [flag('a', 1, experiment('targetingKey')), flag('b', 1, experiment('email'))])),
      onEvents: (batch) => void batches.push(batch),
    });
    const flags = createClient({ url: relay.url, key: KEY, privateAttributes: ['email'] });
    onTestFinished(() => flags.close());
    await flags.ready({ timeoutMs: 5_000 });
    const context = { targetingKey: 'u1', email: 'canary@example.com' };
    for (const key of ['a', 'a', 'b']) expect(flags.value(key, false, context)).toBe(true);
    flags.track('bought', context, { amount: 3 });
    expect(batches).toEqual([]);
    await flags.close();
    expect(batches).toMatchObject([
      {
        summaries: [
          { flag: 'a', variation: 'on', reason: 'SPLIT', count: 2 },
          { flag: 'b', variation: 'on', reason: 'SPLIT', count: 1 },
        ],
        exposures: [{ flag: 'a', experiment: 'by-targetingKey', unit: 'u1' }],
        tracked: [{ name: 'bought', unit: 'u1', data: { amount: 3 } }],
        dropped: 0,
      },
    ]);
    expect(batches[0]?.exposures).toHaveLength(1);
    expect(JSON.stringify(batches)).not.toContain('canary');
  });
});
