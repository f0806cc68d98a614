import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import { generateAdminKey, generateClientKey, generateServerKey, RelayError } from '../src/index.ts';
import { directory } from './directory.ts';
import { start } from './start.ts';

const SECRETS = [
  generateServerKey(),
  generateClientKey(),
  generateAdminKey(),
  'Bearer sk_abcdefgh',
  '9f86d081884c7d659a2feaa0c55ad015',
  'Zk3/9aQpX+b71Lw/tR0=',
  'correcthorsebatterystaple',
  'https://user:pa55@b.example',
  '-----BEGIN PRIVATE KEY-----\nabc',
];
const PLACES =
  'port heartbeat log prefix metrics acks limits streams origins trustProxy verifyKeys upstream keyFile upstreamKeyFile keys contextSecrets'.split(
    ' ',
  );

/** What is needed beside a setting for it to be looked at. */
const SOURCES: Readonly<Record<string, object>> = {
  upstream: {},
  upstreamKeyFile: { upstream: 'https://b.example' },
};

async function problemsOf(config: unknown): Promise<string> {
  const file = join(await directory(), 'relay.json');
  await writeFile(file, JSON.stringify(config));
  const parsed = await parseConfig({ config: file }, {}, false);
  return parsed.ok ? 'none' : parsed.problems.join('\n');
}

describe('a problem quotes nothing that looks like a key', () => {
  it.each(SECRETS)('under any setting: %#', async (secret) => {
    for (const place of PLACES) {
      for (const value of [secret, [secret], { [secret]: secret }]) {
        const problems = await problemsOf({ ...(SOURCES[place] ?? { flags: 'a' }), [place]: value });
        // Lists of keys and secrets are where these belong.
        if (['keys', 'contextSecrets'].includes(place) && Array.isArray(value)) continue;
        expect(problems, place).not.toBe('none');
        expect(problems, place).not.toContain(secret);
        expect(problems, place).not.toContain(JSON.stringify(secret).slice(1, -1));
      }
    }
    expect(await problemsOf({ flags: 'a', [secret]: 1 })).toMatch(/relay\.json.*\(not shown\) is not known here/);
  });

  it.each(SECRETS)('in an entry of keys: %#', async (secret) => {
    for (const member of ['kind', 'sha256', 'notBefore', 'expiresAt', 'maxStreams', 'limits', 'origins', secret]) {
      const problems = await problemsOf({ flags: 'a', keys: [{ key: 'ck_a', [member]: secret }] });
      expect(problems).toMatch(/relay\.json:1:\d+: keys\[0\]\./);
      expect(problems).not.toContain(secret);
    }
  });

  it('in an option or a variable', async () => {
    const [secret = ''] = SECRETS;
    const parsed = await parseConfig({ flags: 'a', port: secret }, { FLAGS_RELAY_LIMITS_REQUESTS: secret }, false);
    if (parsed.ok) throw new Error('a key was taken for a port');
    expect(parsed.problems[0]).toBe(
      '--port: (not shown: it looks like a key) cannot be used. Give a whole number from 0 to 65535; 0 takes any free port.',
    );
    expect(parsed.problems.join('\n')).not.toContain(secret);
  });

  it.each(['flags', 'offline', 'snapshot', 'host', 'signingKeyFile', 'keyFile', 'name'])(
    'as %s, which takes nearly any text: a key is none',
    async (place) => {
      const [secret = ''] = SECRETS;
      const other = place === 'flags' || place === 'offline' ? {} : { flags: 'a' };
      const config = place === 'name' ? { keys: [{ key: 'ck_a', name: secret }] } : { [place]: secret };
      const problems = await problemsOf({ ...other, ...config });
      expect(problems).toContain('(not shown: it looks like a key) cannot be used. Give ');
      expect(problems).not.toContain(secret);
    },
  );

  it('in the options of a library', async () => {
    const [secret = ''] = SECRETS;
    const started = start({ origins: [secret], trustProxy: [secret] });
    await expect(started).rejects.toThrow(RelayError);
    await expect(started).rejects.toThrow(/^origins\[0\] \(not shown: it looks like a key\) cannot be used\. /);
    await expect(started).rejects.not.toThrow(secret);
  });
});

describe('a problem quotes', () => {
  it.each([
    ['port', '80a'],
    ['prefix', 'sync/flags-relay'],
    ['origins', ['https://shop.example/a-page']],
    ['trustProxy', ['10.0.0.0/99']],
    ['metrics', 'everywhere'],
    ['log', 'xml'],
    ['keyFile', '/nowhere/flags-relay-4711/keys.yaml'],
  ])('what else was found, here under %s', async (place, value) => {
    expect(await problemsOf({ flags: 'a', [place]: value })).toContain(JSON.stringify(value).replace(/^\[|\]$/g, ''));
  });

  it('no line of a file that is no YAML, but says what to mend', async () => {
    const file = join(await directory(), 'relay.yaml');
    const [secret = ''] = SECRETS;
    for (const [text, problem] of [
      [`port: 1\nport: ${secret}`, /:2:1: .*\(DUPLICATE_KEY\)\. This name is there twice: leave one out\.$/],
      [`port: [${secret}\nhost: a`, /:2:1: .*\(BAD_INDENT\)\. .*close the bracket/],
      [`port: "${secret}`, /\(MISSING_CHAR\)\. Put the quote, /],
      [`a: ${secret}: 2`, /\(BLOCK_AS_IMPLICIT_KEY\)\. Put a value with a colon in quotes/],
      [`limits:\n\tfailures: ${secret}`, /\(TAB_AS_INDENT\)\. Begin the line with spaces/],
    ] as const) {
      await writeFile(file, text);
      const parsed = await parseConfig({ config: file }, {}, false);
      if (parsed.ok) throw new Error(`${text} was taken`);
      expect(parsed.problems.join('\n')).toMatch(problem);
      expect(parsed.problems.join('\n')).not.toContain(secret);
    }
  });
});
