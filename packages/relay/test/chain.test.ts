import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createClient } from '@flags/node';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Command } from './command.ts';
import { addressOf, run } from './command.ts';
import { directory } from './directory.ts';
import { openStream } from './reader.ts';
import { until } from './start.ts';

const KEY = 'sk_0123456789abcdef';
const env = { FLAGS_RELAY_KEYS: KEY };
const auth = { authorization: `Bearer ${KEY}` };
const others = Array.from({ length: 9 }, (_, index) => `  other-${index}: true\n`).join('');
const flags = (checkout: boolean): string => `environment: test\nflags:\n  checkout: ${checkout}\n${others}`;

interface Node {
  readonly command: Command;
  readonly url: string;
}

async function begin(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Node> {
  const command = run(['--log', 'lines', ...args], { ...env, ...more });
  return { command, url: await addressOf(command) };
}

async function follow(upstream: string, snapshot: string, port = '0'): Promise<Node> {
  const more = { FLAGS_RELAY_UPSTREAM: upstream, FLAGS_RELAY_UPSTREAM_KEY: KEY };
  return begin(['--port', port, '--snapshot', snapshot], more);
}

async function positionOf({ url }: Node): Promise<string> {
  const answer = (await (await fetch(`${url}/readyz`)).json()) as { readonly position?: string };
  return answer.position ?? '';
}

async function settle(nodes: readonly Node[]): Promise<string> {
  for (;;) {
    const positions = new Set(await Promise.all(nodes.map(positionOf)));
    const [position] = positions;
    if (positions.size === 1 && position !== undefined && position !== '') return position;
    await new Promise((resolve) => void setTimeout(resolve, 20));
  }
}

/** What a client that holds a position is sent first. */
async function resume({ url }: Node, position: string): Promise<string> {
  const reader = await openStream(`${url}/v1/stream`, { ...auth, 'last-event-id': position });
  const { message } = await reader.next();
  reader.close();
  return message.type;
}

/** Sends a change to who stands at a position: the states between are learned a moment after the head. A full sync is right until then. */
async function changeSince(node: Node, position: string): Promise<void> {
  await expect.poll(() => resume(node, position), { timeout: 5_000 }).toBe('FLAG_UPDATE');
}

describe('origin → region → PoP, each a process', { timeout: 60_000 }, () => {
  it('carries a change through, survives the loss of the middle, and lets clients move without a full sync', async () => {
    const folder = await directory();
    const path = join(folder, 'flags.yaml');
    await writeFile(path, flags(true));
    const origin = await begin(['--flags', path, '--port', '0', '--snapshot', join(folder, 'origin.json')]);
    const region = await follow(origin.url, join(folder, 'region.json'));
    const pop = await follow(region.url, join(folder, 'pop.json'));
    const first = await settle([origin, region, pop]);
    const client = createClient({ url: pop.url, key: KEY });
    onTestFinished(() => client.close());
    expect(await client.ready({ timeoutMs: 5_000 })).toMatchObject({ source: 'network' });
    expect(client.value('checkout', false)).toBe(true);

    await writeFile(path, flags(false));
    await until(() => !client.value('checkout', true));
    const second = await settle([origin, region, pop]);
    for (const node of [origin, region, pop]) {
      await changeSince(node, first);
      expect(await resume(node, second)).toBe('HEARTBEAT');
    }

    const port = new URL(region.url).port;
    region.command.child.kill('SIGKILL');
    await until(() => pop.command.output().includes('the source cannot be used'));
    expect(await (await fetch(`${pop.url}/readyz`)).json()).toMatchObject({ position: second, stale: true });
    expect(await resume(pop, first)).toBe('FLAG_UPDATE');
    await writeFile(path, flags(true));
    await until(() => origin.command.output().split('took over a change').length > 3);

    const again = await follow(origin.url, join(folder, 'region.json'), port);
    await until(() => client.value('checkout', false));
    const third = await settle([origin, again, pop]);
    for (const node of [origin, again, pop]) {
      for (const position of [first, second]) await changeSince(node, position);
      expect(await resume(node, third)).toBe('HEARTBEAT');
    }
    for (const { command } of [origin, again, pop]) expect(command.output()).not.toContain(KEY);
  });

  it('serves a snapshot, a saved answer or a flag file without any source', async () => {
    const folder = await directory();
    const path = join(folder, 'flags.yaml');
    const kept = join(folder, 'kept.json');
    await writeFile(path, flags(true));
    const origin = await begin(['--flags', path, '--port', '0', '--snapshot', kept]);
    const before = await positionOf(origin);
    await writeFile(path, flags(false));
    await until(() => origin.command.output().split('took over a change').length > 2);
    const position = await positionOf(origin);
    const answer = join(folder, 'answer.json');
    await writeFile(answer, await (await fetch(`${origin.url}/v1/snapshot`, { headers: auth })).text());
    origin.command.child.kill('SIGTERM');
    await origin.command.exitCode;
    const lock = await readFile(join(folder, 'flags.lock.json'), 'utf8');
    for (const file of [kept, answer, path]) {
      const node = await begin(['--offline', file, '--port', '0']);
      expect(await positionOf(node)).toBe(position);
      expect(await resume(node, before)).toBe(file === kept ? 'FLAG_UPDATE' : 'FULL_SYNC');
    }
    expect(await readFile(join(folder, 'flags.lock.json'), 'utf8')).toBe(lock);
    await writeFile(answer, (await readFile(answer, 'utf8')).replace('"enabled":true', '"enabled":false'));
    const refused = run(['--offline', answer, '--port', '0'], env);
    expect(await refused.exitCode).toBe(1);
    expect(refused.output()).toContain('damaged');
  });
});
