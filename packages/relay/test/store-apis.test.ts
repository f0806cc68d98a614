import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EdgeKv } from '@flags/edge';
import { cloudflareRestKv, createEdgeFlags, edgeConfigKv, redisKv } from '@flags/edge';
import { describe, expect, it } from 'vitest';
import { addressOf, run } from './command.ts';
import { directory } from './directory.ts';
import { parsePrometheus } from './prometheus.ts';
import type { StoreServer } from './store-servers.ts';
import { startCloudflare, startEdgeConfig, startRedis, TOKEN } from './store-servers.ts';

const KEY = 'sk_0123456789abcdef';
const TOKENS = { CLOUDFLARE_API_TOKEN: TOKEN, UPSTASH_REDIS_REST_TOKEN: TOKEN, VERCEL_TOKEN: TOKEN };

/** What an isolate reads that has this store alone. */
async function read(kv: EdgeKv): Promise<unknown> {
  return (await createEdgeFlags<object>({ mode: 'offline', kv }).flags({})).value('greeting', 'nothing');
}

async function startRelay(stores: readonly string[]) {
  const folder = await directory();
  const file = join(folder, 'flags.yaml');
  const config = join(folder, 'relay.yaml');
  const save = (greeting: string) => writeFile(file, `environment: test\nflags:\n  greeting: ${greeting}\n`);
  await save('hello');
  await writeFile(
    config,
    `flags: flags.yaml\nport: 0\nlog: lines\nstores:\n${stores.map((one) => `  - ${one}\n`).join('')}`,
  );
  const command = run(['--config', config], { ...TOKENS, FLAGS_RELAY_KEYS: KEY });
  const url = await addressOf(command);
  const metric = async (name: string): Promise<number | undefined> => {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${KEY}` } });
    return parsePrometheus(await answer.text()).get(name);
  };
  return { ...command, save, metric };
}

describe('the command with stores', { timeout: 40_000 }, () => {
  it('tells each of every change, for isolates that read what it wrote', async () => {
    const [cloudflare, redis, config] = await Promise.all([startCloudflare(), startRedis(), startEdgeConfig()]);
    const { save, child, exitCode, output, metric } = await startRelay([
      `{ kind: cloudflare, account: acc, namespace: ns, url: "${cloudflare.url}" }`,
      `redis:${redis.url}`,
      `edge-config:ecfg_1?team=team_1&url=${config.url}`,
    ]);
    const stores: [StoreServer, EdgeKv][] = [
      [cloudflare, cloudflareRestKv({ account: 'acc', namespace: 'ns', token: TOKEN, url: cloudflare.url })],
      [redis, redisKv({ url: redis.url, token: TOKEN })],
      [config, edgeConfigKv({ get: async (key) => config.entries.get(key) })],
    ];
    const become = async (value: string): Promise<void> => {
      for (const [, kv] of stores) await expect.poll(() => read(kv), { timeout: 10_000 }).toBe(value);
    };
    await become('hello');
    // A burst: Cloudflare refuses a second write of a key within a second.
    for (const [index, word] of ['one', 'two', 'three'].entries()) {
      await save(word);
      await expect.poll(() => metric('flags_relay_commits_total'), { timeout: 10_000 }).toBe(index + 2);
    }
    await become('three');
    for (const store of ['cloudflare', 'redis', 'edge-config']) {
      expect(await metric(`flags_relay_store_writes_total{store="${store}",result="failed"}`)).toBe(0);
      expect(await metric(`flags_relay_store_writes_total{store="${store}",result="written"}`)).toBeGreaterThan(1);
      expect(await metric(`flags_relay_store_lag_seconds{store="${store}"}`)).toBe(0);
    }
    child.kill('SIGTERM');
    expect(await exitCode).toBe(0);
    expect(output()).not.toContain(TOKEN);
  });

  it('says what a store refuses, and goes on when it can', async () => {
    const redis = await startRedis();
    redis.status = 401;
    const { output, save, metric } = await startRelay([`redis:${redis.url}`]);
    await expect
      .poll(output, { timeout: 5_000 })
      .toContain('a store of flags cannot be written; it is tried again: store redis');
    expect(output()).toContain('status 401: the token is refused; give one that may read and write there');
    await save('later');
    await expect.poll(() => metric('flags_relay_commits_total'), { timeout: 10_000 }).toBe(2);
    expect(await metric('flags_relay_store_writes_total{store="redis",result="failed"}')).toBeGreaterThan(0);
    expect(await metric('flags_relay_store_lag_seconds{store="redis"}')).toBeGreaterThan(0);
    redis.status = undefined;
    await expect.poll(() => read(redisKv({ url: redis.url, token: TOKEN })), { timeout: 15_000 }).toBe('later');
    await expect.poll(output, { timeout: 10_000 }).toContain('the store of flags can be written again: store redis');
    expect(output().match(/cannot be written/g)).toHaveLength(1);
    expect(output()).not.toContain(TOKEN);
  });
});
