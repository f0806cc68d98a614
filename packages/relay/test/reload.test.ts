import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import type { RelayOptions } from '../src/index.ts';
import { reloadKeys } from '../src/reload.ts';
import { directory } from './directory.ts';
import { until } from './start.ts';

const KEY = 'sk_0123456789abcdef';

interface Running {
  readonly folder: string;
  readonly write: (text: string, file?: string) => Promise<void>;
  /** The keys of each reload. */
  readonly taken: RelayOptions['keys'][];
  /** The key to follow with, of each reload. */
  readonly upstreamKeys: string[];
  /** What the log says, with its lines. */
  readonly log: string[];
  readonly hup: () => void;
}

/** A relay that runs with this file, and with `keys.txt` beside it. */
async function run(text: string, folder?: string): Promise<Running> {
  folder ??= await directory();
  const write = (content: string, file = 'relay.yaml'): Promise<void> => writeFile(join(folder, file), content);
  await write(`${KEY}\n`, 'keys.txt');
  await write(text);
  const read = () => parseConfig({ config: join(folder, 'relay.yaml') }, {}, false);
  const parsed = await read();
  if (!parsed.ok) throw new Error(parsed.problems.join());
  const taken: RelayOptions['keys'][] = [];
  const upstreamKeys: string[] = [];
  const log: string[] = [];
  const line = (facts: { readonly reasons?: readonly string[] }, message: string): void =>
    void log.push([message, ...(facts.reasons ?? [])].join(' | '));
  const reload = reloadKeys({
    relay: { setKeys: (keys) => void taken.push(keys) },
    source: { setKey: (key) => void upstreamKeys.push(key) },
    config: parsed.config,
    read,
    log: { info: line, warn: line, error: line },
  });
  onTestFinished(() => reload.stop());
  await reload.watching;
  return { folder, write, taken, upstreamKeys, log, hup: reload.now };
}

const RESTART = 'these settings have changed, and wait for a restart';

describe('a configuration that is read again', () => {
  it('gives its keys, and names what waits for a restart, without values', async () => {
    const { write, taken, log, hup } = await run(`flags: a.yaml\nkeyFile: keys.txt\n`);
    hup();
    await until(() => taken.length === 1);
    expect(log).toEqual(['took over the keys']);
    const secret = 'canary'.repeat(8);
    await write(
      `flags: b.yaml\nport: 9\nlimits: { requests: false }\nstreams: { maxStreams: 7 }\nmetrics: off\n` +
        `contextSecrets: [${secret}]\nkeyFile: keys.txt\nkeys: [ck_web]\n`,
    );
    hup();
    await until(() => log.some((line) => line.startsWith(RESTART)));
    expect(taken.at(-1)).toEqual(['ck_web', KEY]);
    const changed = ['flags', 'port', 'contextSecrets', 'metrics', 'limits.requests', 'streams.maxStreams'];
    expect(log.at(-1)).toBe([RESTART, ...changed].join(' | '));
  });

  it('says nothing of what is as it was, however it is written', async () => {
    const { write, taken, log, hup } = await run('flags: a.yaml\nkeyFile: keys.txt\n');
    await write('# as before\nkeyFile: ./keys.txt\nport: 8080\nlimits: {}\nflags: ./a.yaml\n');
    hup();
    await until(() => taken.length > 0);
    expect(new Set(log)).toEqual(new Set(['took over the keys']));
  });

  it('follows a key file that is another one now', async () => {
    const { write, taken } = await run('flags: a.yaml\nkeyFile: keys.txt\n');
    await write(`${KEY}2\n`, 'other.txt');
    await write('flags: a.yaml\nkeyFile: other.txt\n');
    await expect.poll(() => taken.at(-1)?.[0], { timeout: 4_000 }).toBe(`${KEY}2`);
    await write(`${KEY}3\n`, 'other.txt');
    await expect.poll(() => taken.at(-1)?.[0], { timeout: 4_000 }).toBe(`${KEY}3`);
  });

  it('gives the key to follow with, also when a link on its path is swapped, as Kubernetes does', async () => {
    const folder = await directory();
    for (const turn of ['1', '2']) {
      await mkdir(join(folder, turn));
      await writeFile(join(folder, turn, 'key'), `${KEY}${turn}\n`);
    }
    await symlink('1', join(folder, 'data'));
    await symlink('data/key', join(folder, 'key'));
    const { log, upstreamKeys, taken } = await run(
      'upstream: https://a.example\nupstreamKeyFile: key\nkeyFile: keys.txt\n',
      folder,
    );
    await symlink('2', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'data'));
    await rm(join(folder, '1'), { recursive: true });
    await expect.poll(() => upstreamKeys.at(-1), { timeout: 4_000 }).toBe(`${KEY}2`);
    expect(taken.at(-1)).toEqual([KEY]);
    expect(log.some((line) => line.startsWith(RESTART) || line.includes('sk_'))).toBe(false);
  });
});
