import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compileRuleset } from '@flags/core';
import { formatEnvelope, formatMessage, holdRuleset } from '@flags/sync';
import type { FullSync } from '@flags/sync';
import { generate } from 'selfsigned';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createClient } from '../src/index.ts';
import { createHttpTransport } from '../src/transport.ts';
import { runProgram } from './program.ts';
import { startProxy } from './proxy-server.ts';
import type { TestProxy } from './proxy-server.ts';
import { startServer } from './server.ts';

const ruleset = { format: 1, environment: 'test', epoch: 'e1', version: 1, flags: {}, segments: {} };
const { position } = holdRuleset(compileRuleset(ruleset));
const fullSync: FullSync = { type: 'FULL_SYNC', position, reason: 'initial', ruleset };

const cleanups: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY']) {
    vi.stubEnv(name, '');
    vi.stubEnv(name.toLowerCase(), '');
  }
});
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A relay as far as clients see it: rules on a stream and a poll, and a place for reports. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'POST') {
    request.resume().on('end', () => response.writeHead(202).end());
  } else if (request.headers.accept === 'text/event-stream') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(formatMessage(fullSync));
  } else response.writeHead(200, { 'content-type': 'application/json' }).end(formatEnvelope(fullSync));
}

async function relay(): Promise<string> {
  const server = await startServer(answer);
  cleanups.push(server.close);
  return server.url;
}

async function proxy(login?: string): Promise<TestProxy> {
  const made = await startProxy(login);
  cleanups.push(made.close);
  return made;
}

/** What comes of one request: the status, or the problem. */
function outcomeOf(url: string): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const connection = createHttpTransport().open(
      { url, headers: { authorization: 'Bearer server-key' } },
      {
        response: ({ status }) => {
          connection.close();
          resolve(status);
        },
        bytes: () => {},
        end: resolve,
      },
    );
  });
}

test.each(['HTTP_PROXY', 'http_proxy', 'ALL_PROXY'])('stream, polls and reports go through %s', async (name) => {
  const [url, { url: proxyUrl, requests }] = await Promise.all([relay(), proxy()]);
  vi.stubEnv(name, proxyUrl);
  for (const mode of ['stream', 'poll'] as const) {
    const flags = createClient({ url, key: 'server-key', mode });
    expect(await flags.ready()).toEqual({ source: 'network' });
    flags.value('a', false);
    await flags.close();
  }
  const lines = ['GET /v1/stream', 'POST /v1/events', 'GET /v1/snapshot', 'POST /v1/events'];
  expect(requests.map(({ line }) => line.replace(url, ''))).toEqual(lines);
  expect(requests[0]?.headers).toMatchObject({ host: new URL(url).host, accept: 'text/event-stream' });
});

test('NO_PROXY, in either case, is left alone', async () => {
  const [url, { url: proxyUrl, requests }] = await Promise.all([relay(), proxy()]);
  vi.stubEnv('HTTP_PROXY', proxyUrl);
  for (const [name, value] of [
    ['NO_PROXY', 'example.com,127.0.0.1'],
    ['no_proxy', `127.0.0.1:${new URL(url).port}`],
    ['NO_PROXY', '*'],
  ] as const) {
    vi.stubEnv(name, value);
    expect(await outcomeOf(url)).toBe(200);
    vi.stubEnv(name, '');
  }
  expect(requests).toEqual([]);
  expect(await outcomeOf(url)).toBe(200);
  expect(requests).toHaveLength(1);
});

test('a proxy is told its own name and password, and a refusal is a problem without them', async () => {
  const [url, { url: proxyUrl, requests }] = await Promise.all([relay(), proxy('me:p@ss')]);
  const { host } = new URL(proxyUrl);
  vi.stubEnv('HTTP_PROXY', `http://me:p%40ss@${host}`);
  expect(await outcomeOf(url)).toBe(200);
  vi.stubEnv('HTTP_PROXY', `http://me:wrong-secret@${host}`);
  vi.stubEnv('HTTPS_PROXY', `http://me:wrong-secret@${host}`);
  const problem = `the proxy at ${host} asks for a name and password, or for others (407)`;
  expect(await outcomeOf(url)).toBe(problem);
  expect(await outcomeOf('https://127.0.0.1:1/')).toBe(problem);
  expect(requests).toHaveLength(3);
});

test('a proxy that is down is a failure like any other: said once, without secrets, and tried again', async () => {
  const [url, made] = await Promise.all([relay(), startProxy()]);
  await made.close();
  const { host } = new URL(made.url);
  vi.stubEnv('HTTP_PROXY', `http://me:proxy-secret@${host}`);
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: (text: string) => void logged.push(text) };
  const flags = createClient({ url, key: 'server-key', logger });
  await expect.poll(() => flags.status()).toMatchObject({ state: 'waiting', reason: 'network' });
  expect(flags.status().message).toContain(`the proxy: ECONNREFUSED at ${host}`);
  expect(`${logged.join()}${flags.status().message}`).not.toMatch(/secret|server-key/);
  await flags.close();

  vi.stubEnv('HTTPS_PROXY', made.url);
  expect(await outcomeOf('https://127.0.0.1:1/')).toBe(`the proxy: ECONNREFUSED at ${host}`);
});

test.each([
  ['http://[', 'the proxy that the environment names is no address'],
  ['socks5://me:secret@127.0.0.1:1', 'the proxy at 127.0.0.1:1 is of a kind that is not supported (socks5://)'],
])('a proxy that cannot be used is a problem, not a way around it: %s', async (named, problem) => {
  const url = await relay();
  vi.stubEnv('HTTP_PROXY', named);
  expect(await outcomeOf(url)).toBe(problem);
});

test('an https relay is reached through a tunnel, and the proxy reads neither key nor rules', async () => {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keySize: 2048 });
  const server = createHttpsServer({ key, cert }, answer);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  cleanups.push(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
        server.closeAllConnections();
      }),
  );
  const { port } = server.address() as AddressInfo;
  const { url: proxyUrl, requests, seen } = await proxy('me:pass');
  const login = proxyUrl.replace('//', '//me:pass@');
  const directory = await mkdtemp(join(tmpdir(), 'flags-proxy-'));
  cleanups.push(() => rm(directory, { recursive: true }));
  const trusted = join(directory, 'ca.pem');
  await writeFile(trusted, cert);
  // It closes one client and leaves one open: a tunnel does not keep a program alive either.
  const program = `
    import { createClient } from '@flags/node';
    const options = { url: process.env.RELAY, key: 'server-key' };
    const polling = createClient({ ...options, mode: 'poll' });
    const flags = createClient(options);
    console.log(JSON.stringify([await polling.ready(), await flags.ready()]));
    polling.value('a', false);
    await polling.close();
  `;
  const env = { RELAY: `https://localhost:${port}`, HTTPS_PROXY: login, NODE_EXTRA_CA_CERTS: trusted };
  const out = '[{"source":"network"},{"source":"network"}]\n';
  expect(await runProgram(program, env)).toEqual({ code: 0, out, errors: '' });
  expect(requests.map(({ line }) => line)).toEqual(Array.from({ length: 3 }, () => `CONNECT localhost:${port}`));
  expect(Object.keys(requests[0]?.headers ?? {}).sort()).toEqual(['connection', 'host', 'proxy-authorization']);
  expect(seen().length).toBeGreaterThan(500);
  expect(seen()).not.toMatch(/server-key|v1.stream|Basic /);

  vi.stubEnv('HTTPS_PROXY', login);
  expect(await outcomeOf(`https://localhost:${port}/`)).toMatch(/^(DEPTH_ZERO_)?SELF_SIGNED_CERT.* at localhost/);
});
