import { readFileSync } from 'node:fs';
import { compileRuleset } from '@flags/core';
import { formatMessage, holdRuleset } from '@flags/sync';
import { expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { startServer } from './server.ts';

function exampleOf(path: string): string {
  const readme = readFileSync(new URL(path, import.meta.url), 'utf8');
  return /^```js\n(.*?)^```/ms.exec(readme)?.[1] ?? 'throw new Error("no example")';
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
  const outcome = await runProgram(exampleOf('../README.md'), { FLAGS_URL: server.url, FLAGS_KEY: 'k' });
  await server.close();
  expect(outcome).toEqual({ code: 0, out: 'the new checkout\nSTATIC\n', errors: '' });
});

test('the example of @flags/sync’s README runs as it is', async () => {
  const outcome = await runProgram(exampleOf('../../sync/README.md'));
  expect(outcome).toEqual({ code: 0, out: 'dark\nnow true\nnetwork\n', errors: '' });
});
