import { readFileSync } from 'node:fs';
import { compileRuleset } from '@flags/core';
import { formatMessage, holdRuleset } from '@flags/sync';
import { expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { startServer } from './server.ts';

function examplesOf(path: string): readonly string[] {
  const readme = readFileSync(new URL(path, import.meta.url), 'utf8');
  return Array.from(readme.matchAll(/^```js\n(.*?)^```/gms), ([, example = '']) => example);
}

const variations = [
  { name: 'on', value: true },
  { name: 'off', value: false },
];
const flag = {
  key: 'new-checkout',
  version: 1,
  digest: '',
  type: 'boolean',
  enabled: true,
  variations,
  off: 'off',
  rules: [],
};
const flags = { 'new-checkout': { ...flag, fallthrough: { variation: 'on' } } };
const ruleset = { format: 1, environment: 'test', epoch: 'e1', version: 1, flags, segments: {} };
const { position } = holdRuleset(compileRuleset(ruleset));

test('the README’s example reads a flag from a relay, and ends by itself', async () => {
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(formatMessage({ type: 'FULL_SYNC', position, reason: 'initial', ruleset }));
  });
  const outcome = await runProgram(examplesOf('../README.md').at(0) ?? '', { FLAGS_URL: server.url, FLAGS_KEY: 'k' });
  await server.close();
  expect(outcome).toEqual({ code: 0, out: 'the new checkout\nSTATIC\n', errors: '' });
});

test('the README’s example of external segments asks for them before a read', async () => {
  const segments = { beta: { key: 'beta', version: 1, digest: '', external: true } };
  const rules = [{ id: 'beta', when: { segment: 'beta' }, serve: { variation: 'on' } }];
  const split = { 'new-checkout': { ...flag, rules, fallthrough: { variation: 'off' } } };
  const sent = { ...ruleset, flags: split, segments };
  const at = holdRuleset(compileRuleset(sent)).position;
  const server = await startServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(formatMessage({ type: 'FULL_SYNC', position: at, reason: 'initial', ruleset: sent }));
  });
  const example = examplesOf('../README.md').find((text) => text.includes('externalSegments(')) ?? '';
  const redis = "const redis = { smembers: async (key) => (key === 'segments:user-42' ? ['beta', 'other'] : []) };";
  const outcome = await runProgram(`${redis}\n${example}`, { FLAGS_URL: server.url, FLAGS_KEY: 'k' });
  await server.close();
  expect(outcome).toEqual({ code: 0, out: "[ 'beta' ]\nthe new checkout\n", errors: '' });
});

test('the examples of @flags/sync’s README run as they are, and print what stands beside them', async () => {
  const examples = examplesOf('../../sync/README.md');
  expect(examples).toHaveLength(3);
  for (const example of examples) {
    const said = Array.from(example.matchAll(/\/\/ → (.*)$/gm), ([, line]) => `${line}\n`).join('');
    expect(await runProgram(example)).toEqual({ code: 0, out: said, errors: '' });
  }
});
