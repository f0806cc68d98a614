import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileRuleset } from '@flags/core';
import { formatMessage, holdRuleset } from '@flags/sync';
import { describeStore, rulesetOf, switchFlag } from '@flags/sync/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFileStore } from '../src/cache.ts';
import { sha256Of } from '../src/digest.ts';
import { createClient } from '../src/index.ts';
import type { NodeClientOptions } from '../src/index.ts';
import { runProgram } from './program.ts';
import { startServer } from './server.ts';
import type { TestServer } from './server.ts';

let directory = '';
let file = '';
const servers: TestServer[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flags-cache-'));
  file = join(directory, 'made', 'flags.json');
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(directory, { recursive: true, force: true });
});

const flag = switchFlag('a');
const ruleset = rulesetOf(1, [flag], [], 'e1');
const { position } = holdRuleset(compileRuleset(ruleset));

async function serve(): Promise<TestServer> {
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(formatMessage({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: { ...ruleset } }));
  });
  servers.push(server);
  return server;
}

const program = `
  import { createClient } from '@flags/node';
  const flags = createClient({ url: process.env.RELAY, key: 'server-key', cache: process.env.CACHE, logger: console });
  console.log(JSON.stringify(await flags.ready({ timeoutMs: 2000 })), flags.value('a', false));
`;

test('a program that ends by itself leaves its rules; the next starts with them while the relay is down', async () => {
  const server = await serve();
  const env = { RELAY: server.url, CACHE: file };
  expect(await runProgram(program, env)).toEqual({ code: 0, out: '{"source":"network"} true\n', errors: '' });
  await server.close();
  const { code, out } = await runProgram(program, env);
  expect(code).toBe(0);
  expect(out).toContain('{"source":"cache"} true\n');
});

test('the file is whole, for this user alone, without the key, and nothing is left beside it', async () => {
  const server = await serve();
  const flags = createClient({ url: server.url, key: 'server-key', cache: file });
  await flags.ready();
  await flags.close();
  expect(await readdir(join(directory, 'made'))).toEqual(['flags.json']);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const text = await readFile(file, 'utf8');
  expect(JSON.parse(text)).toMatchObject({ position: `e1.1.${position.hash}`, ruleset });
  expect(text).not.toContain('server-key');
});

test('an edited file is not used', async () => {
  const server = await serve();
  const options = { url: server.url, key: 'server-key', cache: file };
  const first = createClient(options);
  await first.ready();
  await first.close();
  await server.close();
  await writeFile(file, (await readFile(file, 'utf8')).replace('"variation":"on"', '"variation":"off"'));
  const logged: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void logged.push(text) };
  const second = createClient({ ...options, logger });
  expect(second.snapshot()).toBeUndefined();
  expect(logged[0]).toContain('it is damaged');
  await second.close();
});

describeStore({
  test: (name, body) => {
    // oxlint-disable-next-line vitest/expect-expect -- the suite throws by itself
    test(`a store in a file: ${name}`, body);
  },
  createPlace: async () => {
    const place = await mkdtemp(join(tmpdir(), 'flags-store-'));
    return {
      open: () => createFileStore(join(place, 'flags.json')),
      remove: async () => {
        const rest = (await readdir(place)).filter((name) => name !== 'flags.json');
        if (rest.length > 0) throw new Error(`left behind: ${rest.join()}`);
        await rm(place, { recursive: true });
      },
    };
  },
  sumOf: sha256Of,
});

test('a write that fails leaves the old text and no rest', async () => {
  const store = createFileStore(file);
  await store.write('old');
  const blocked = createFileStore(join(file, 'below-a-file.json'));
  await expect(blocked.write('new')).rejects.toMatchObject({ code: expect.stringMatching(/^E(NOTDIR|EXIST)$/) });
  const occupied = createFileStore(join(directory, 'made'));
  await expect(occupied.write('new')).rejects.toMatchObject({ code: expect.stringMatching(/^E/) });
  expect(store.read()).toBe('old');
  expect(await readdir(directory)).toEqual(['made']);
});

test('what is no file is not read, and nothing is there at first', async () => {
  expect(createFileStore(file).read()).toBeUndefined();
  expect(() => createFileStore(directory).read()).toThrow(expect.objectContaining({ code: 'not a file' }));
});

test('the directory may change under the program', async () => {
  const before = process.cwd();
  process.chdir(directory);
  const store = createFileStore('here.json');
  process.chdir(before);
  await store.write('x');
  expect(await readFile(join(directory, 'here.json'), 'utf8')).toBe('x');
});

test('a disk that takes no writes is reported once, and flags are served', async () => {
  const server = await serve();
  const logged: string[] = [];
  const logger = { info: () => {}, warn: (text: string) => void logged.push(text) };
  await chmod(directory, 0o500);
  // Root may write everywhere but in a file system of the kernel.
  const cache = process.getuid?.() === 0 ? '/proc/flags/flags.json' : file;
  const flags = createClient({ url: server.url, key: 'server-key', cache, logger });
  await flags.ready();
  await flags.flush();
  expect(logged).toEqual([expect.stringMatching(/^The cache cannot be written \(E[A-Z]+\)\./)]);
  expect(flags.value('a', false)).toBe(true);
  await flags.close();
  await chmod(directory, 0o700);
});

test.each(['', 7, null, 'a\0b'])('a bad `cache` is refused at once: %j', (cache) => {
  const options = { url: 'http://127.0.0.1', key: 'k', cache } as unknown as NodeClientOptions;
  expect(() => createClient(options)).toThrow(
    expect.objectContaining({ name: 'FlagsError', code: 'INVALID_OPTION', subject: 'cache' }),
  );
});
