import { spawn } from 'node:child_process';
import { connect } from 'node:net';
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

test('a program has its first flag before it loads what it connects with', async () => {
  const server = await startServer(streaming);
  const first = `
    import { createClient } from '@flags/node';
    const has = (name) => process.moduleLoadList.includes('NativeModule ' + name);
    const loaded = () => ['http', 'https', 'tls', 'crypto', 'zlib', 'internal/deps/undici/undici'].filter(has);
    const flags = createClient({ url: process.env.RELAY, key: 'k' });
    console.log(flags.value('missing', 'default'), loaded());
    await flags.ready();
    console.log(loaded());
  `;
  // Neither what https alone needs, nor `fetch`, comes for an address with http.
  expect(await runProgram(first, { RELAY: server.url })).toEqual({
    code: 0,
    out: "default []\n[ 'http' ]\n",
    errors: '',
  });
  await server.close();
});

/** A port that answers nothing, not even that it is there: its queue of connections is full, and nobody takes one out. */
async function startDeafPort(): Promise<{ url: string; stop: () => void }> {
  const listen = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:fs').writeSync(1, String(server.address().port));
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  `;
  const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) => {
    child.stdout.once('data', (text: Buffer) => resolve(Number(text.toString())));
  });
  const queue = Array.from({ length: 4 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => void setTimeout(resolve, 100));
  const stop = (): void => {
    for (const socket of queue) socket.destroy();
    child.kill('SIGKILL');
  };
  return { url: `http://127.0.0.1:${port}`, stop };
}

test('a program that reads one flag and ends is not held up by a server that does not answer', async () => {
  const silent = await startServer(() => {});
  const deaf = await startDeafPort();
  const brief = `
    import { createClient } from '@flags/node';
    const flags = createClient({ url: process.env.RELAY, key: 'k' });
    console.log(flags.value('missing', 'default'));
    const end = performance.now();
    process.on('exit', () => console.log(Math.round(performance.now() - end)));
  `;
  for (const [url, longest] of [
    [silent.url, 500],
    // An attempt to connect is given up after a second; the client itself would wait for five.
    [deaf.url, 2_500],
  ] as const) {
    const { code, out, errors } = await runProgram(brief, { RELAY: url });
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const [value, waited] = out.split('\n');
    expect(value).toBe('default');
    expect(Number(waited)).toBeLessThan(longest);
  }
  deaf.stop();
  await silent.close();
});
