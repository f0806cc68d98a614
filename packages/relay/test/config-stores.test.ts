import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../src/config/parse.ts';
import { printConfig } from '../src/config/print.ts';
import { relayOptionsOf } from '../src/config/relay-options.ts';
import { directory } from './directory.ts';

const TOKENS = {
  CLOUDFLARE_API_TOKEN: 'canary-cloudflare',
  UPSTASH_REDIS_REST_TOKEN: ' canary-redis\n',
  VERCEL_TOKEN: 'canary-vercel',
  OTHER: 'canary-other',
};

const parse = (store: readonly string[], variables: Readonly<Record<string, string>> = TOKENS) =>
  parseConfig({ flags: 'a', store }, variables, false);

async function problems(...input: Parameters<typeof parse>): Promise<readonly string[]> {
  const parsed = await parse(...input);
  return parsed.ok ? [] : parsed.problems;
}

describe('stores of the command', () => {
  it('are named in one text each, with tokens where vendors put them', async () => {
    const parsed = await parse([
      'cloudflare:acc/ns',
      'cloudflare:acc/ns?view=client&prefix=shop/&tokenFrom=OTHER&confirm=false',
      'redis:https://eu1.upstash.io?name=cache&confirm=60',
      'edge-config:ecfg_1?team=team_1',
    ]);
    const common = { view: 'server', confirm: 15 };
    expect(parsed.ok && parsed.config.stores).toEqual([
      {
        settings: {
          kind: 'cloudflare',
          name: 'cloudflare',
          account: 'acc',
          namespace: 'ns',
          tokenFrom: 'CLOUDFLARE_API_TOKEN',
          ...common,
        },
        token: 'canary-cloudflare',
      },
      {
        settings: {
          kind: 'cloudflare',
          name: 'cloudflare-2',
          account: 'acc',
          namespace: 'ns',
          prefix: 'shop/',
          tokenFrom: 'OTHER',
          view: 'client',
          confirm: false,
        },
        token: 'canary-other',
      },
      {
        settings: {
          kind: 'redis',
          name: 'cache',
          url: 'https://eu1.upstash.io',
          tokenFrom: 'UPSTASH_REDIS_REST_TOKEN',
          ...common,
          confirm: 60,
        },
        token: 'canary-redis',
      },
      {
        settings: {
          kind: 'edge-config',
          name: 'edge-config',
          id: 'ecfg_1',
          team: 'team_1',
          tokenFrom: 'VERCEL_TOKEN',
          view: 'server',
          confirm: false,
        },
        token: 'canary-vercel',
      },
    ]);
    const { options } = relayOptionsOf((parsed as Extract<typeof parsed, { ok: true }>).config);
    expect(options.stores?.map(({ name, view, confirmMs }) => [name, view, confirmMs])).toEqual([
      ['cloudflare', 'server', 15_000],
      ['cloudflare-2', 'client', Infinity],
      ['cache', 'server', 60_000],
      ['edge-config', 'server', Infinity],
    ]);
  });

  it('stand in the file as objects or texts, in the variable with commas, and are printed without tokens', async () => {
    const config = join(await directory(), 'relay.yaml');
    await writeFile(
      config,
      'flags: a\nstores:\n  - { kind: redis, url: https://a.test, tokenFrom: OTHER, confirm: false }\n  - cloudflare:acc/ns\n',
    );
    const parsed = await parseConfig({ config }, TOKENS, false);
    const text = parsed.ok ? printConfig(parsed.config) : '';
    expect(text).toMatch(/relay\.yaml:3:3\n {2}- kind: redis\n {4}name: redis\n/);
    expect(text).toContain('    tokenFrom: OTHER\n');
    expect(text).toContain('    namespace: ns\n');
    expect(text).not.toContain('canary');
    const other = await parseConfig(
      { flags: 'a' },
      { ...TOKENS, FLAGS_RELAY_STORES: 'cloudflare:a/b, redis:https://a.test' },
      false,
    );
    expect(other.ok && other.config.stores.map(({ settings }) => settings.kind)).toEqual(['cloudflare', 'redis']);
  });

  it.each([
    ['cloudflare:acc', /^--store: the store\.namespace is missing\. Give the id/],
    ['cloudflare:acc/ns/more', /^--store: the store cannot be used\. Write cloudflare:<account>\/<namespace>/],
    ['s3:bucket', /^--store: the store cannot be used\. Write cloudflare:/],
    ['cloudflare:canary/n s', /^--store: the store\.namespace cannot be used\. Give the id/],
    ['redis:https://default:canary@a.test', /^--store: the store\.url cannot be used\. Give an address/],
    ['redis:ftp://a.test', /^--store: the store\.url cannot be used/],
    [
      'redis:https://a.test?tokenFrom=canary-token',
      /^--store: the store\.tokenFrom cannot be used\. Give the name of an/,
    ],
    ['redis:https://a.test?token=canary', /^--store: the store\.token is not known here\. .*tokenFrom/],
    ['redis:https://a.test?view=both', /^--store: the store\.view "both" cannot be used\. Say what/],
    ['redis:https://a.test?confirm=often', /^--store: the store\.confirm cannot be used\. Give seconds/],
    ['redis:https://a.test?name=a%20b', /^--store: the store\.name cannot be used/],
    ['redis:https://a.test?prefix=%00', /^--store: the store\.prefix cannot be used/],
    ['redis:https://a.test?kind=cloudflare&__proto__=x', /^--store: the store\.__proto__ is not known here/],
    ['redis:https://a.test?tokenFrom=NOWHERE', /^--store: the store needs a token, and NOWHERE is not set/],
  ])('say what is wrong with %s, and quote nothing that may be a secret', async (store, expected) => {
    const found = await problems([store]);
    expect(found).toEqual([expect.stringMatching(expected)]);
    expect(found.join()).not.toContain('canary');
  });

  it('refuse tokens that no header can carry, stores that are there twice, and names that are', async () => {
    const [token] = await problems(['redis:https://a.test?tokenFrom=BAD'], { BAD: 'canary\r\nx: y' });
    expect(token).toBe('--store: the store has no token in BAD: a token is visible ASCII without spaces.');
    const [twice] = await problems(['cloudflare:a/b', 'cloudflare:a/b']);
    expect(twice).toBe('--store: store 2 is there twice. Leave one out, or give it another view or prefix.');
    const [named] = await problems(['cloudflare:a/b?name=x', 'redis:https://a.test?name=x']);
    expect(named).toMatch(/^--store: store 2 has the name x, as another store does/);
  });

  it('are told apart from what the relay is shown itself', async () => {
    const variables = { ...TOKENS, FLAGS_RELAY_UPSTREAM: 'https://a.test', FLAGS_RELAY_UPSTREAM_KEY: 'ck_web' };
    const store = (view: string) => parseConfig({ store: [`cloudflare:a/b${view}`] }, variables, false);
    const wrong = await store('');
    expect(wrong.ok ? [] : wrong.problems).toEqual([expect.stringMatching(/a client key\. Add view: client\.$/)]);
    expect((await store('?view=client')).ok).toBe(true);
  });
});
