import { readFile, stat, writeFile } from 'node:fs/promises';
import { createHash, createPublicKey } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse as parseYaml } from 'yaml';
import manifest from '../package.json' with { type: 'json' };
import { addressOf, run } from './command.ts';
import { directory } from './directory.ts';
import { openStream } from './reader.ts';
import { until } from './start.ts';

const KEY = 'sk_0123456789abcdef';
const FLAGS = 'environment: test\nflags:\n  checkout: true\n';

async function flagFile(text = FLAGS): Promise<string> {
  const path = join(await directory(), 'flags.yaml');
  await writeFile(path, text);
  return path;
}

describe('flags-relay', { timeout: 20_000 }, () => {
  it('serves a file, pushes a save, says goodbye on SIGTERM and exits with 0', async () => {
    const path = await flagFile();
    const command = run(['--flags', path, '--port', '0', '--log', 'lines'], { FLAGS_RELAY_KEYS: KEY });
    const url = await addressOf(command);
    const reader = await openStream(`${url}/v1/stream`, { authorization: `Bearer ${KEY}` });
    expect((await reader.next()).message).toMatchObject({ type: 'FULL_SYNC', reason: 'initial' });
    await writeFile(path, FLAGS.replace('true', 'false'));
    expect((await reader.change()).message).toMatchObject({ position: { version: expect.any(Number) } });
    await writeFile(path, FLAGS.replace('true', '{ serve: nowhere }'));
    await until(() => command.output().includes(`${path}:3:`));
    command.child.kill('SIGTERM');
    expect((await reader.change()).message).toMatchObject({ type: 'GOODBYE', reason: 'drain' });
    expect(await command.exitCode).toBe(0);
    expect(command.output()).toContain('checkout');
    expect(command.output()).not.toContain(KEY);
  });

  it('makes up a key for this machine alone when none is configured, and shows it once', async () => {
    const command = run(['--flags', await flagFile(), '--port', '0']);
    const url = await addressOf(command);
    await until(() => command.output().includes('curl'));
    const key = /sk_[\w-]+/.exec(command.output())?.[0] ?? '';
    const response = await fetch(`${url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } });
    expect(response.status).toBe(200);
    expect((await fetch(`${url}/v1/snapshot`)).status).toBe(401);
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(0);
  });

  it('logs one JSON object a line where no terminal is', async () => {
    const command = run(['--flags', await flagFile(), '--port', '0', '--key', KEY]);
    await addressOf(command);
    command.child.kill('SIGTERM');
    expect(await command.exitCode).toBe(0);
    const lines = command.output().trim().split('\n');
    for (const line of lines) expect(JSON.parse(line)).toMatchObject({ level: 30, msg: expect.any(String) });
    expect(lines.length).toBeGreaterThan(2);
    expect(lines.filter((line) => line.includes('istening'))).toHaveLength(1);
    expect(command.output()).not.toContain(KEY);
  });

  it('takes keys from a file as it changes, and keeps the last good ones while it is broken', async () => {
    const config = join(await directory(), 'relay.yaml');
    const write = (keys: string): Promise<void> =>
      writeFile(config, `flags: ${join(config, '../flags.yaml')}\nport: 0\nlog: json\nkeys: [${keys}]\n`);
    await writeFile(join(config, '../flags.yaml'), FLAGS);
    await write(`${KEY}, ck_web`);
    const command = run(['--config', config]);
    const url = await addressOf(command);
    const statusOf = async (key: string): Promise<number> =>
      (await fetch(`${url}/v1/snapshot`, { headers: { authorization: `Bearer ${key}` } })).status;
    const reader = await openStream(`${url}/v1/stream`, { authorization: `Bearer ${KEY}` });
    await reader.change();
    await write(`${KEY}2, ck_web`);
    expect((await reader.change()).message).toMatchObject({ type: 'GOODBYE', reason: 'revoked' });
    expect(await reader.ended()).toBe(true);
    expect([await statusOf(KEY), await statusOf(`${KEY}2`), await statusOf('ck_web')]).toEqual([401, 200, 200]);
    await write(`${KEY}3, { sha256: canary }`);
    await until(() => command.output().includes('the last good ones stay'));
    expect([await statusOf(`${KEY}2`), await statusOf(`${KEY}3`)]).toEqual([200, 401]);
    await write('ck_web');
    command.child.kill('SIGHUP');
    await until(() => command.output().split('took over the keys').length === 3);
    expect(await statusOf(`${KEY}2`)).toBe(401);
    command.child.kill('SIGTERM');
    expect(await command.exitCode).toBe(0);
    expect(command.output()).not.toMatch(/sk_|ck_/);
  });

  it('prints its configuration and exits', async () => {
    const command = run(['--flags', 'flags.yaml', '--print-config', '--key', KEY, '--port', '7']);
    expect(await command.exitCode).toBe(0);
    expect(command.output()).toMatch(/^port: 7 # --port$/m);
    expect(command.output()).not.toContain(KEY);
  });

  it('makes keys and their hashes', async () => {
    const made = run(['keys', 'new', '--kind', 'client']);
    expect(await made.exitCode).toBe(0);
    const { key = '', sha256, kind } = parseYaml(made.output()) as Readonly<Record<string, string>>;
    expect(key).toMatch(/^ck_[\w-]{32}$/);
    expect([sha256, kind]).toEqual([createHash('sha256').update(key).digest('hex'), 'client']);
    const hashed = run(['keys', 'hash'], {}, `${KEY}\n`);
    expect(await hashed.exitCode).toBe(0);
    expect(parseYaml(hashed.output())).toMatchObject({ sha256: createHash('sha256').update(KEY).digest('hex') });
    expect(hashed.output()).not.toContain(KEY);
    expect(await run(['keys', 'hash'], {}, 'two words').exitCode).toBe(1);
  });

  it('makes keys to sign with, and overwrites none', async () => {
    const file = join(await directory(), 'signing-key.pem');
    const made = run(['keys', 'sign-new', file]);
    expect(await made.exitCode).toBe(0);
    const { verifyKey } = parseYaml(made.output()) as { readonly verifyKey: string };
    const pem = await readFile(file, 'utf8');
    expect(createPublicKey(pem).export({ format: 'jwk' }).x).toBe(verifyKey);
    expect((await stat(file)).mode & 0o077).toBe(0);
    const again = run(['keys', 'sign-new', file]);
    expect(await again.exitCode).toBe(1);
    expect(again.output()).toContain('EEXIST');
    expect(await readFile(file, 'utf8')).toBe(pem);
    const relay = run([
      '--flags',
      await flagFile(),
      '--port',
      '0',
      '--key',
      KEY,
      '--signing-key',
      file,
      '--log',
      'json',
    ]);
    await addressOf(relay);
    expect(relay.output()).toContain(`"verifyKey":"${verifyKey}"`);
    expect(relay.output()).not.toContain('PRIVATE');
  });

  it('exits at once when it is interrupted twice', async () => {
    const command = run(['--flags', await flagFile(), '--port', '0', '--key', KEY]);
    const url = await addressOf(command);
    // A request that never ends keeps a relay from closing.
    const request = fetch(`${url}/v1/snapshot`, {
      method: 'POST',
      body: new ReadableStream(),
      duplex: 'half',
    }).catch(() => undefined);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    command.child.kill('SIGINT');
    await until(() => command.output().includes('closing'));
    command.child.kill('SIGINT');
    expect(await command.exitCode).toBe(130);
    await request;
  });

  it('exits with 1 and every place when the file is invalid at start', async () => {
    const path = await flagFile('environment: test\nflags:\n  checkout: { type: boolean, serve: nowhere }\n');
    const command = run(['--flags', path, '--port', '0', '--key', KEY]);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toMatch(new RegExp(`${path}:3:\\d+ .*nowhere`));
    expect(command.output()).not.toContain('    at ');
  });

  it('exits with 1 when there is no such file', async () => {
    const command = run(['--flags', '/nowhere/flags.yaml', '--port', '0', '--key', KEY]);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toContain('/nowhere/flags.yaml');
  });

  it('exits with 1 when the port is in use, and names a free one', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void taken.close());
    const { port } = taken.address() as AddressInfo;
    const command = run(['--flags', await flagFile(), '--port', String(port), '--key', KEY, '--log', 'silent']);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toMatch(
      new RegExp(`Port ${port} of 127\\.0\\.0\\.1 is in use.*\\nPort \\d+ is free: .*--port`),
    );
  });

  it('exits with 1 and the option when an option cannot be used', async () => {
    const command = run(['--flags', 'flags.yaml', '--port', '80a']);
    expect(await command.exitCode).toBe(1);
    expect(command.output()).toContain('--port: "80a"');
    const unknown = run(['--flgas', 'flags.yaml']);
    expect(await unknown.exitCode).toBe(1);
    expect(unknown.output()).toContain('--flags');
  });

  it('puts the metrics on a port of their own, without a key', async () => {
    const command = run(['--flags', await flagFile(), '--port', '0', '--metrics', '0', '--log', 'lines']);
    await until(() => /scrapes of \/metrics: http:\S+/.test(command.output()));
    const url = /scrapes of \/metrics: (http:\S+)/.exec(command.output())?.[1] ?? '';
    const response = await fetch(`${url}/metrics`);
    expect(await response.text()).toContain('\nflags_relay_commits_total 1\n');
  });

  it('explains itself', async () => {
    const help = run(['--help']);
    expect(await help.exitCode).toBe(0);
    for (const word of [
      '--flags',
      '--port',
      '--host',
      '--key-file',
      '--metrics',
      '--config',
      '--print-config',
      'keys new',
      'To begin',
      'Who may read',
      'limits.connects',
      'FLAGS_RELAY_KEYS',
      '/v1/stream',
      'SIGTERM',
    ]) {
      expect(help.output()).toContain(word);
    }
    const version = run(['--version']);
    expect(await version.exitCode).toBe(0);
    expect(version.output()).toBe(`${manifest.version}\n`);
  });
});
