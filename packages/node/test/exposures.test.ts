import type { IncomingMessage, ServerResponse } from 'node:http';
import { compileRuleset } from '@flags/core';
import { formatMessage, holdRuleset, parseEventBatch } from '@flags/sync';
import { afterEach, expect, test } from 'vitest';
import { runProgram } from './program.ts';
import { startServer } from './server.ts';
import type { TestServer } from './server.ts';

const ruleset = { format: 1, environment: 'test', epoch: 'e1', version: 1, flags: {}, segments: {} };
const { position } = holdRuleset(compileRuleset(ruleset));
const servers: TestServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server that streams rules, and takes reports as told. */
async function serve(answer: Answer): Promise<{ url: string; bodies: string[] }> {
  const bodies: string[] = [];
  const server = await startServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(formatMessage({ type: 'FULL_SYNC', position, reason: 'initial', ruleset }));
      return;
    }
    let body = '';
    request.on('data', (chunk: Uint8Array) => (body += Buffer.from(chunk).toString()));
    request.on('end', () => {
      bodies.push(body);
      answer(request, response);
    });
  });
  servers.push(server);
  return { url: server.url, bodies };
}

const program = `
  import { createClient } from '@flags/node';
  const flags = createClient({ url: process.env.RELAY, key: 'server-key' });
  await flags.ready();
  flags.value('missing ü', false);
  await flags.close();
  console.log('closed');
`;

test('a program that closes its client reports what it read, and ends', async () => {
  const { url, bodies } = await serve((_, response) => void response.writeHead(202).end());
  expect(await runProgram(program, { RELAY: url })).toEqual({ code: 0, out: 'closed\n', errors: '' });
  const summary = { flag: 'missing ü', reason: 'ERROR', errorCode: 'FLAG_NOT_FOUND', count: 1 };
  expect(bodies.map((body) => parseEventBatch(JSON.parse(body)))).toMatchObject([{ summaries: [summary] }]);
});

test('a program ends in order when its report is cut off', async () => {
  const { url, bodies } = await serve((_, response) => void response.destroy());
  expect(await runProgram(program, { RELAY: url })).toEqual({ code: 0, out: 'closed\n', errors: '' });
  expect(bodies).toHaveLength(2);
});

test('a report follows a redirect within its origin, and never to another', async () => {
  const near = await serve((request, response) => {
    if (request.url === '/moved') response.writeHead(202).end();
    else response.writeHead(308, { location: '/moved' }).end();
  });
  await runProgram(program, { RELAY: near.url });
  expect(near.bodies).toHaveLength(2);
  expect(near.bodies[1]).toBe(near.bodies[0]);

  const other = await serve((_, response) => void response.writeHead(202).end());
  const far = await serve((_, response) => void response.writeHead(308, { location: `${other.url}/moved` }).end());
  await runProgram(program, { RELAY: far.url });
  expect(other.bodies).toEqual([]);
});
