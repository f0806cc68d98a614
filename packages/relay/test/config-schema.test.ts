import { readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { createConfigSchema } from '../scripts/config-schema.ts';
import { parseConfig } from '../src/config/parse.ts';
import { directory } from './directory.ts';

const published = JSON.parse(readFileSync(join(import.meta.dirname, '../schema.json'), 'utf8')) as object;
// What texts have to look like beyond a pattern is for the relay to say.
const validate = new Ajv({ strict: false, validateFormats: false }).compile(published);

async function reads(text: string): Promise<boolean> {
  const config = join(await directory(), 'relay.yaml');
  await writeFile(config, text);
  return (await parseConfig({ config }, {}, false)).ok;
}

const HASH = 'Ab'.repeat(32);

describe('the JSON Schema of the configuration file', () => {
  it('is what the relay checks; else run scripts/write-schema.ts', () => {
    expect(published).toEqual(createConfigSchema());
  });

  it('takes the example of the page on configuration', async () => {
    const page = await readFile(join(import.meta.dirname, '../docs/configuration.md'), 'utf8');
    const example = /```yaml\n(.*?)```/s.exec(page)?.[1] ?? '';
    expect(example).toContain('$schema=node_modules/@flags/relay/schema.json');
    expect(validate(parse(example.replace('5f2b…', HASH)))).toBe(true);
    expect(await reads(example.replace('5f2b…', HASH))).toBe(true);
  });

  it.each([
    'flags: a',
    '$schema: x\nflags: a',
    'flags: a\nport: 0\nheartbeat: 0.1\nacks: true\nlog: silent\nprefix: /sync\nsnapshot: b',
    'flags: a\nmetrics: off',
    'flags: a\nmetrics: false',
    'flags: a\nmetrics: 9090',
    'flags: a\nmetrics: 0.0.0.0:9090',
    'flags: a\nlimits: { requests: false, connects: { perSecond: 0.5, burst: 1 } }\nstreams: { stallMs: 5 }',
    `flags: a\nkeys: [ck_web, { sha256: ${HASH}, kind: admin, expiresAt: 2030-01-31T00:00:00+02:00, name: n }]`,
    `flags: a\nkeys: [{ key: ck_a, origins: ['*'], maxStreams: 2, limits: { connects: false } }]`,
    'upstream: https://a.example\nupstreamKey: sk_0123456789abcdef',
  ])('takes %j as the relay does', async (text) => {
    expect([validate(parse(text)), await reads(text)]).toEqual([true, true]);
  });

  it.each([
    'flags: a\nport: 65536',
    'flags: a\nport: "80"',
    'flags: a\nport: 1.5',
    'flags: ""',
    'flags: a\nflgas: b',
    'flags: a\nheartbeat: 301',
    'flags: a\nacks: yes please',
    'flags: a\nlog: xml',
    'flags: a\nprefix: sync',
    'flags: a\nmetrics: true',
    'flags: a\nkeys: ck_web',
    'flags: a\nkeys: [{ key: ck_a, expireAt: x }]',
    'flags: a\nkeys: [{ sha256: abc, kind: server }]',
    'flags: a\nkeys: [{ key: ck_a, expiresAt: 2030-01-31 }]',
    'flags: a\nlimits: { requests: true }',
    'flags: a\nlimits: { requests: { perSecond: 1 } }',
    'flags: a\nlimits: { connect: false }',
    'flags: a\nstreams: { stallMs: 0 }',
    'flags: a\ncontextSecrets: [short]',
  ])('refuses %j as the relay does', async (text) => {
    expect([validate(parse(text)), await reads(text)]).toEqual([false, false]);
  });
});
