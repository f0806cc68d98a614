import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConfig } from '../src/config/parse.ts';
import { printConfig } from '../src/config/print.ts';
import { directory } from './directory.ts';

const KEY = 'sk_0123456789abcdef';

describe('configuration of the command', () => {
  it('needs nothing but a flag file', async () => {
    const settings = {
      flags: 'flags.yaml',
      port: 8080,
      host: '127.0.0.1',
      prefix: '',
      keys: [],
      origins: [],
      contextSecrets: [],
      stores: [],
      segments: {},
      limits: {},
      streams: {},
      trustProxy: [],
      verifyKeys: [],
      heartbeat: 30,
      acks: false,
      log: 'lines',
    };
    const parsed = await parseConfig({ flags: 'flags.yaml' }, {}, true);
    expect(parsed).toMatchObject({ ok: true, config: { keys: [], files: [] } });
    expect(parsed.ok && parsed.config.settings).toEqual(settings);
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
      FLAGS_RELAY_ACKS: 'true',
      FLAGS_RELAY_LIMITS_CONNECTS: '0.5/10',
      FLAGS_RELAY_LIMITS_FAILURES: 'off',
      FLAGS_RELAY_STREAMS_MAX_STREAMS_PER_KEY: '7',
      FLAGS_RELAY_TRUST_PROXY: '10.0.0.0/8,loopback',
      FLAGS_RELAY_LOG: 'silent',
    };
    const contextSecrets = [`${KEY}${KEY}`, `${KEY}-${KEY}`];
    const rest = {
      contextSecrets,
      acks: true,
      limits: { connects: { perSecond: 0.5, burst: 10 }, failures: false },
      streams: { maxStreamsPerKey: 7 },
      trustProxy: ['10.0.0.0/8', 'loopback'],
    };
    expect(await parseConfig({}, env, false)).toMatchObject({
      ok: true,
      config: {
        source: { kind: 'flags', path: 'env.yaml' },
        settings: { snapshot: 'kept.json', port: 8071, host: '0.0.0.0', heartbeat: 15, log: 'silent', ...rest },
        keys: [KEY, 'ck_web'],
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
    expect(await parseConfig(options, env, false)).toMatchObject({
      ok: true,
      config: {
        source: { kind: 'flags', path: 'a.json' },
        settings: { snapshot: 'mine.json', port: 0, host: '::1', heartbeat: 0.5, log: 'json', ...rest },
        keys: [`${KEY}2`],
      },
    });
    expect(await parseConfig({ flags: 'a' }, { PORT: '9000' }, false)).toMatchObject({
      config: { settings: { port: 9000 } },
    });
  });

  it('reads keys from a file, one a line, or as a list with terms', async () => {
    const keyFile = join(await directory(), 'keys');
    await writeFile(keyFile, `# ours\n${KEY}\r\n\n  ck_web  \n`);
    const parsed = await parseConfig({ flags: 'a', keyFile }, {}, false);
    expect(parsed).toMatchObject({ config: { keys: [KEY, 'ck_web'], files: [keyFile] } });
    const list = `${keyFile}.yaml`;
    await writeFile(list, `- { key: ${KEY}, name: shop }\n- ck_web\n`);
    const both = await parseConfig({ flags: 'a', keyFile: list, key: ['ck_other'] }, {}, false);
    expect(both).toMatchObject({ config: { keys: ['ck_other', { key: KEY, name: 'shop' }, 'ck_web'] } });
  });

  it.each([
    ['off', false],
    ['9090', { host: '127.0.0.1', port: 9090 }],
    ['0.0.0.0:0', { host: '0.0.0.0', port: 0 }],
    ['[::1]:9090', { host: '::1', port: 9090 }],
  ])('takes %s as the place of the metrics', async (text, metrics) => {
    expect(await parseConfig({ flags: 'a', metrics: text }, {}, false)).toMatchObject({
      config: { settings: { metrics } },
    });
    expect(await parseConfig({ flags: 'a' }, { FLAGS_RELAY_METRICS: text }, false)).toMatchObject({
      config: { settings: { metrics } },
    });
  });

  it.each([
    ['a place for metrics that is none', { flags: 'a', metrics: 'on' }, {}, /^--metrics: "on" .*0\.0\.0\.0:9090/],
    ['a metrics port too high', { flags: 'a', metrics: '65536' }, {}, /^--metrics: "65536" /],
    ['two sources', { flags: 'a', upstream: 'https://b.example' }, {}, /not from flags and upstream\. Name one: /],
    ['an upstream that is none', { upstream: 'b.example' }, {}, /^--upstream is no address/],
    ['a secret in an upstream', { upstream: 'https://user:canary@b.example' }, {}, /^--upstream is no address/],
    ['a key in an upstream', { upstream: 'https://b.example/?key=canary' }, {}, /^--upstream is no address/],
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
    ['a port too high', { flags: 'a' }, { FLAGS_RELAY_PORT: '65536' }, /^FLAGS_RELAY_PORT: 65536 /],
    ['an empty host', { flags: 'a', host: ' ' }, {}, /^--host: " " /],
    ['a heartbeat too short', { flags: 'a', heartbeat: '0.05' }, {}, /^--heartbeat: 0\.05 .*0\.1 to 300/],
    [
      'a secret too short',
      { flags: 'a' },
      { FLAGS_RELAY_CONTEXT_SECRETS: 'a' },
      /^FLAGS_RELAY_CONTEXT_SECRETS: \[0\] cannot .*32 char/,
    ],
    ['a heartbeat too long', { flags: 'a' }, { FLAGS_RELAY_HEARTBEAT: '301' }, /^FLAGS_RELAY_HEARTBEAT: 301 /],
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

describe('configuration file', () => {
  const write = async (text: string): Promise<string> => {
    const config = join(await directory(), 'relay.yaml');
    await writeFile(config, text);
    return config;
  };

  it('says so when a few lines of it stand for more values than there is memory', async () => {
    let text = 'a0: &a0 [x, x, x, x, x, x, x, x, x]\n';
    for (let level = 1; level < 12; level += 1) {
      text += `a${level}: &a${level} [${Array(9)
        .fill(`*a${level - 1}`)
        .join()}]\n`;
    }
    const config = await write(text);
    expect(await parseConfig({ config }, {}, false)).toEqual({
      ok: false,
      problems: [`${config}: its aliases stand for too much. Write out what they mean.`],
    });
  });

  it('knows every setting, stands below variables and options, and takes paths from where it is', async () => {
    const config = await write(
      'flags: flags.yaml\nport: 1\nheartbeat: 5\nhost: localhost\nmetrics: off\nlimits: { requests: { perSecond: 9, burst: 9 } }\n' +
        `keys:\n  - { sha256: ${'a'.repeat(64)}, kind: server }\n  - ck_web\n`,
    );
    const parsed = await parseConfig(
      { config, port: '3' },
      { FLAGS_RELAY_PORT: '2', FLAGS_RELAY_HEARTBEAT: '6' },
      false,
    );
    expect(parsed).toMatchObject({
      ok: true,
      config: {
        source: { kind: 'flags', path: join(config, '../flags.yaml') },
        settings: {
          port: 3,
          heartbeat: 6,
          host: 'localhost',
          metrics: false,
          limits: { requests: { perSecond: 9, burst: 9 } },
        },
        keys: [{ sha256: 'a'.repeat(64), kind: 'server' }, 'ck_web'],
        files: [config],
      },
    });
    const named = await parseConfig({}, { FLAGS_RELAY_CONFIG: config }, false);
    expect(named).toMatchObject({ ok: true, config: { settings: { port: 1 } } });
  });

  it('tells every problem at once: where, what was found, what to do', async () => {
    const config = await write(
      'flgas: x\nport: 70000\nlimits:\n  connect: false\nkeys:\n  - { key: sk_canary, expireAt: x }\n  - ck_web\n  - ck_web\n  - { key: sk_canary }\n',
    );
    const parsed = await parseConfig({ config }, { FLAGS_RELAY_ACKS: 'yes' }, false);
    expect(parsed).toMatchObject({ ok: false });
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems.map((problem) => problem.replace(config, 'relay.yaml'))).toEqual([
      'relay.yaml:2:7: port 70000 cannot be used. Give a whole number from 0 to 65535; 0 takes any free port.',
      expect.stringMatching(/^relay\.yaml:4:\d+: limits\.connect is not known here\. Did you mean "connects"\?$/),
      'FLAGS_RELAY_ACKS: "yes" cannot be used. Give true or false.',
      expect.stringMatching(/^relay\.yaml:1:\d+: flgas is not known here\. Did you mean "flags"\?$/),
      expect.stringMatching(/^--flags is missing\./),
      expect.stringMatching(/^relay\.yaml:6:5: keys\[0\]\.expireAt is not known here\. Did you mean "expiresAt"\?$/),
    ]);
    expect(problems.join()).not.toContain('canary');
  });

  it.each([
    ['is missing', undefined, /^--config: ".*" cannot be read \(ENOENT\)/],
    ['is no YAML', 'flags: [canary', /relay\.yaml:1:\d+: is no valid YAML/],
    ['is a list', '- canary', /relay\.yaml: holds no settings/],
  ])('says so when it %s, and quotes nothing', async (_name, text, message) => {
    const config = text === undefined ? '/nowhere/relay.yaml' : await write(text);
    const parsed = await parseConfig({ config }, {}, false);
    expect(parsed).toEqual({ ok: false, problems: [expect.stringMatching(message)] });
    expect(JSON.stringify(parsed)).not.toContain('canary');
  });

  it('is printed with who set what, and without secrets', async () => {
    const config = await write(
      `flags: /flags.yaml\nkeys: [{ key: ${KEY}, name: shop }, ck_web]\norigins: ['https://a.example']\n`,
    );
    const secret = 'x'.repeat(40);
    const parsed = await parseConfig(
      { config, port: '3' },
      { FLAGS_RELAY_LIMITS_CONNECTS: '1/2', FLAGS_RELAY_CONTEXT_SECRETS: secret },
      false,
    );
    const text = parsed.ok ? printConfig(parsed.config) : '';
    expect(text).not.toMatch(new RegExp(`${KEY}|ck_web|${secret}`));
    expect(text).toMatch(/^port: 3 # --port$/m);
    expect(text).toMatch(/^host: 127\.0\.0\.1 # default$/m);
    expect(text).toMatch(/name: shop/);
    expect(text).toMatch(/id: [0-9a-f]{12}/);
    expect(text).toContain('# FLAGS_RELAY_LIMITS_CONNECTS');
    expect(text).toContain(`${config}:3:`);
    expect(parseYaml(text)).toMatchObject({ port: 3, limits: { connects: { perSecond: 1, burst: 2 } } });
  });
});
