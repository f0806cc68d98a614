import { compileRuleset } from '@flags/core';
import { formatMessage, holdRuleset } from '@flags/sync';
import { expect, test } from 'vitest';
import { runProgram } from './program.ts';
import type { Outcome } from './program.ts';
import { startServer } from './server.ts';
import type { Handler } from './server.ts';

// The program of a user, as plain as it gets: it never closes its client.
const program = `
  import { createClient } from '@flags/node';
  const flags = createClient({ url: process.env.RELAY, key: 'k' });
  console.log(JSON.stringify(await flags.ready({ timeoutMs: 1000 })));
  console.log(flags.value('missing', 'default'), flags.status().state, flags.status().reason);
`;

const run = (url: string): Promise<Outcome> => runProgram(program, { RELAY: url });

const ruleset = { format: 1, environment: 'test', epoch: 'e1', version: 1, flags: {}, segments: {} };
const { position } = holdRuleset(compileRuleset(ruleset));
const streaming: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  response.write(formatMessage({ type: 'FULL_SYNC', position, reason: 'initial', ruleset }));
};

test('a program that only reads flags ends by itself, with its stream open', async () => {
  const server = await startServer(streaming);
  expect(await run(server.url)).toEqual({
    code: 0,
    out: '{"source":"network"}\ndefault live undefined\n',
    errors: '',
  });
  await server.close();
});

test('a program whose key is refused goes on with its defaults and ends by itself', async () => {
  const server = await startServer((_, response) => void response.writeHead(401).end());
  const { code, out, errors } = await run(server.url);
  expect(code).toBe(0);
  expect(out).toContain('default failed auth');
  expect(errors).toBe('');
  await server.close();
});

test('a program without a server goes on with its defaults and ends by itself', async () => {
  const server = await startServer(streaming);
  await server.close();
  const { code, out, errors } = await run(server.url);
  expect(code).toBe(0);
  expect(out).toMatch(/^default \w+ network$/m);
  expect(errors).toBe('');
});
