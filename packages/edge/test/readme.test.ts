import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { promisify } from 'node:util';
import { compileRuleset } from '@flags/core';
import { formatEnvelope, holdRuleset } from '@flags/sync';
import { expect, test } from 'vitest';
import { ruleset } from './world.ts';

const run = promisify(execFile);

test('the README’s example decides for a request, and ends by itself', { timeout: 20_000 }, async () => {
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  const [, example = ''] = /^```js\n(.*?)^```/ms.exec(readme) ?? [];
  const state = ruleset(1, 'one');
  const variations = [{ name: 'now', value: true }];
  const on = { ...state.flags['a'], key: 'new-checkout', type: 'boolean', variations, rules: [] };
  const told = { ...state, flags: { 'new-checkout': on } };
  const { position } = holdRuleset(compileRuleset(told));
  const relay = createServer((request, response) => {
    expect(request.headers.authorization).toBe('Bearer k');
    response.end(formatEnvelope({ type: 'FULL_SYNC', position, reason: 'initial', ruleset: told }));
  });
  await once(relay.listen(0, '127.0.0.1'), 'listening');
  const { stdout, stderr } = await run(
    process.execPath,
    ['--conditions=@flags/source', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', example],
    {
      cwd: new URL('..', import.meta.url),
      env: { FLAGS_URL: `http://127.0.0.1:${(relay.address() as AddressInfo).port}`, FLAGS_KEY: 'k' },
    },
  );
  relay.close();
  expect({ stdout, stderr }).toEqual({ stdout: 'the new checkout\n', stderr: '' });
});
