import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { parseConfig } from '../src/config/parse.ts';
import { printConfig } from '../src/config/print.ts';
import { relayOptionsOf } from '../src/config/relay-options.ts';
import { memorySource } from '../src/index.ts';
import { directory } from './directory.ts';
import { flag, ruleset, segment } from './ruleset.ts';
import { KEY, open, start } from './start.ts';

const URL_OF = 'https://segments.example.com/who';
const SECRET = 'canary-secret';
const given = {
  FLAGS_RELAY_SEGMENTS_URL: URL_OF,
  FLAGS_RELAY_SEGMENTS_SECRET: SECRET,
  FLAGS_RELAY_SEGMENTS_TIMEOUT_MS: '250',
  FLAGS_RELAY_SEGMENTS_TTL_MS: '30000',
  FLAGS_RELAY_SEGMENTS_MAX_UNITS: '500',
};
const parse = (variables: Readonly<Record<string, string>>, options = {}): ReturnType<typeof parseConfig> =>
  parseConfig({ flags: 'a', ...options }, variables, false);

describe('the address that is asked about external segments', () => {
  it('is configured by variables, and printed without its secret', async () => {
    const parsed = await parse(given);
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    const { settings } = parsed.config;
    expect(settings.segments).toEqual({ url: URL_OF, secret: SECRET, timeoutMs: 250, ttlMs: 30_000, maxUnits: 500 });
    const printed = printConfig(parsed.config);
    expect(printed).not.toContain('canary');
    expect(parseYaml(printed)).toMatchObject({ segments: { url: URL_OF, secret: '(secret)', maxUnits: 500 } });
    expect(printed).toContain('FLAGS_RELAY_SEGMENTS_TTL_MS');
  });

  it('is none by default, and an option of its own', async () => {
    const none = await parse({});
    expect(none.ok && relayOptionsOf(none.config).options.segments).toBeUndefined();
    const one = await parse({}, { segments: URL_OF });
    expect(one.ok && one.config.settings.segments).toEqual({ url: URL_OF });
  });

  it.each([
    [{ ...given, FLAGS_RELAY_SEGMENTS_URL: 'segments.example.com' }, 'FLAGS_RELAY_SEGMENTS_URL'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_URL: 'ftp://segments.example.com' }, 'FLAGS_RELAY_SEGMENTS_URL'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_URL: 'https://me:canary@segments.example.com' }, 'FLAGS_RELAY_SEGMENTS_URL'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_SECRET: 'canary with spaces' }, 'FLAGS_RELAY_SEGMENTS_SECRET'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_TIMEOUT_MS: '0' }, 'FLAGS_RELAY_SEGMENTS_TIMEOUT_MS'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_TTL_MS: 'soon' }, 'FLAGS_RELAY_SEGMENTS_TTL_MS'],
    [{ ...given, FLAGS_RELAY_SEGMENTS_MAX_UNITS: '1.5' }, 'FLAGS_RELAY_SEGMENTS_MAX_UNITS'],
    [{ FLAGS_RELAY_SEGMENTS_SECRET: SECRET }, '--segments'],
  ])('is refused with what is wrong with it, and quotes no secret: %#', async (variables, place) => {
    const parsed = await parse(variables);
    const problems = parsed.ok ? [] : parsed.problems;
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(place);
    expect(problems[0]).not.toContain('canary');
  });

  it.each(['segments: canary', 'segments: [{ secret: canary }]', 'segments: { url: 7, secret: { canary: canary } }'])(
    'is refused in a file without a word of it: %s',
    async (text) => {
      const path = join(await directory(), 'relay.yaml');
      await writeFile(path, `flags: a\n${text}\n`);
      const parsed = await parse({}, { config: path });
      const problems = parsed.ok ? [] : parsed.problems;
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join()).toContain('relay.yaml:2:');
      expect(problems.join()).not.toContain('canary');
    },
  );

  it('is asked before flags are evaluated', async () => {
    const asked: unknown[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization);
      response.end('{"segments":["beta"]}');
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    open.push({ close: () => server.close() });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const parsed = await parse({ ...given, FLAGS_RELAY_SEGMENTS_URL: url });
    if (!parsed.ok) throw new Error(parsed.problems.join('\n'));
    const rules = [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }];
    const a = flag('a', 1, { rules, fallthrough: { variation: 'off' } });
    const source = memorySource(ruleset(1, [a], [segment('beta', 1, { external: true })]));
    const { segments } = relayOptionsOf(parsed.config).options;
    const { relay } = await start({ source, ...(segments && { segments }) });
    const response = await fetch(`${relay.url}/v1/evaluate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${KEY}` },
      body: JSON.stringify({ context: { targetingKey: 'ann' } }),
    });
    expect(await response.json()).toMatchObject({ values: { a: { value: true } } });
    expect(asked).toEqual([`Bearer ${SECRET}`]);
  });
});
