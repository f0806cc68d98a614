import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../src/config.ts';
import { directory } from './directory.ts';

const KEY = 'sk_0123456789abcdef';

describe('configuration of the command', () => {
  it('needs nothing but a flag file', async () => {
    expect(await parseConfig({ flags: 'flags.yaml' }, {}, true)).toEqual({
      ok: true,
      config: {
        source: { kind: 'flags', path: 'flags.yaml' },
        snapshot: undefined,
        port: 8080,
        host: '127.0.0.1',
        keys: [],
        contextSecrets: [],
        metrics: undefined,
        heartbeatMs: 30_000,
        log: 'lines',
      },
    });
  });

  it('reads the environment, and lets an option win over its variable', async () => {
    const env = {
      FLAGS_RELAY_FLAGS: 'env.yaml',
      FLAGS_RELAY_SNAPSHOT: 'kept.json',
      FLAGS_RELAY_PORT: '8071',
      PORT: '9000',
      FLAGS_RELAY_HOST: '0.0.0.0',
      FLAGS_RELAY_KEYS: `${KEY}, ck_web,`,
      FLAGS_RELAY_CONTEXT_SECRETS: `${KEY}${KEY}, ${KEY}-${KEY}`,
      FLAGS_RELAY_HEARTBEAT: '15',
      FLAGS_RELAY_LOG: 'silent',
    };
    expect(await parseConfig({}, env, false)).toEqual({
      ok: true,
      config: {
        source: { kind: 'flags', path: 'env.yaml' },
        snapshot: 'kept.json',
        port: 8071,
        host: '0.0.0.0',
        keys: [KEY, 'ck_web'],
        contextSecrets: [`${KEY}${KEY}`, `${KEY}-${KEY}`],
        metrics: undefined,
        heartbeatMs: 15_000,
        log: 'silent',
      },
    });
    const options = {
      flags: 'a.json',
      snapshot: 'mine.json',
      port: '0',
      host: '::1',
      key: [`${KEY}2`],
      heartbeat: '0.5',
      log: 'json',
    };
    expect(await parseConfig(options, env, false)).toEqual({
      ok: true,
      config: {
        source: { kind: 'flags', path: 'a.json' },
        snapshot: 'mine.json',
        port: 0,
        host: '::1',
        keys: [`${KEY}2`],
        contextSecrets: [`${KEY}${KEY}`, `${KEY}-${KEY}`],
        metrics: undefined,
        heartbeatMs: 500,
        log: 'json',
      },
    });
    expect(await parseConfig({ flags: 'a' }, { PORT: '9000' }, false)).toMatchObject({ config: { port: 9000 } });
  });

  it('reads keys from a file, one a line', async () => {
    const keyFile = join(await directory(), 'keys');
    await writeFile(keyFile, `# ours\n${KEY}\r\n\n  ck_web  \n`);
    const parsed = await parseConfig({ flags: 'a', keyFile }, {}, false);
    expect(parsed).toMatchObject({ config: { keys: [KEY, 'ck_web'] } });
  });

  it.each([
    ['off', false],
    ['9090', { host: '127.0.0.1', port: 9090 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:9090', { host: '::1', port: 9090 }],
  ])('takes %s as the place of the metrics', async (text, metrics) => {
    expect(await parseConfig({ flags: 'a', metrics: text }, {}, false)).toMatchObject({ config: { metrics } });
    expect(await parseConfig({ flags: 'a' }, { FLAGS_RELAY_METRICS: text }, false)).toMatchObject({
      config: { metrics },
    });
  });

  it.each([
    ['a place for metrics that is none', { flags: 'a', metrics: 'on' }, {}, /^--metrics: "on" .*0\.0\.0\.0:9090/],
    ['a metrics port too high', { flags: 'a', metrics: '65536' }, {}, /^--metrics: "65536" /],
    ['two sources', { flags: 'a', upstream: 'https://b.example' }, {}, /not from flags and upstream\. Name one: /],
    ['an upstream that is none', { upstream: 'b.example' }, {}, /^--upstream is no address/],
    [
      'an upstream without a key',
      { upstream: 'https://b.example' },
      {},
      /^--upstream needs a key .*--upstream-key-file/,
    ],
    [
      'a key of an upstream that cannot be read',
      { upstream: 'https://b.example', upstreamKeyFile: '/nowhere/key' },
      {},
      /^--upstream-key-file: "\/nowhere\/key" .*ENOENT/,
    ],
    ['no flag file', {}, {}, /^--flags is missing\. .*flags\.yaml/],
    ['a port that is none', { flags: 'a', port: '80a' }, {}, /^--port: "80a" .*0 to 65535/],
    ['a port too high', { flags: 'a' }, { FLAGS_RELAY_PORT: '65536' }, /^FLAGS_RELAY_PORT: "65536" /],
    ['an empty host', { flags: 'a', host: ' ' }, {}, /^--host: " " /],
    ['a heartbeat too short', { flags: 'a', heartbeat: '0.05' }, {}, /^--heartbeat: "0\.05" .*0\.1 to 300/],
    ['a secret too short', { flags: 'a' }, { FLAGS_RELAY_CONTEXT_SECRETS: 'a' }, /^FLAGS_RELAY_CONTEXT_SECRETS: one /],
    ['a heartbeat too long', { flags: 'a' }, { FLAGS_RELAY_HEARTBEAT: '301' }, /^FLAGS_RELAY_HEARTBEAT: "301" /],
    ['an unknown log form', { flags: 'a', log: 'xml' }, {}, /^--log: "xml" .*lines, json or silent/],
    [
      'a key file that is missing',
      { flags: 'a', keyFile: '/nowhere/keys' },
      {},
      /^--key-file: "\/nowhere\/keys" .*ENOENT/,
    ],
    ['an open address without a key', { flags: 'a', host: '0.0.0.0' }, {}, /^--host: "0\.0\.0\.0" .*no key .*--key/],
  ])('says what is wrong with %s, and what to do', async (_name, options, env, message) => {
    const parsed = await parseConfig(options, env, false);
    expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(message)] });
  });

  it.each([
    ['one that could be guessed', 'sk_short'],
    ['one with a space', 'sk_0123456789 abcdef'],
  ])('refuses %s as a key, and never shows it', async (_name, key) => {
    for (const parsed of [
      await parseConfig({ flags: 'a', key: [key] }, {}, false),
      await parseConfig({ flags: 'a' }, { FLAGS_RELAY_KEYS: key }, false),
    ]) {
      expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(/^(--key|FLAGS_RELAY_KEYS): the key /)] });
      expect(JSON.stringify(parsed)).not.toContain(key);
    }
  });

  it('lists all that is wrong at once', async () => {
    const parsed = await parseConfig({ port: '-1', log: 'xml' }, {}, false);
    expect(parsed).toMatchObject({ ok: false, problems: { length: 3 } });
  });
});
