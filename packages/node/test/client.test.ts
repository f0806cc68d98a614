import { createFlagClient, describeProblem, formatEnvelope, formatMessage, holdRuleset } from '@flags/sync';
import type { ClientOptions, FlagClient, FullSync, Message, Policy } from '@flags/sync';
import { compileRuleset } from '@flags/core';
import { afterEach, expect, test } from 'vitest';
import { createClient } from '../src/index.ts';
import { createSystemClock } from '../src/clock.ts';
import { createHttpTransport } from '../src/transport.ts';
import { startServer } from './server.ts';
import type { Handler, TestServer } from './server.ts';

const STREAM = { 'content-type': 'text/event-stream' };
// The protocol's rules in a hurry.
const FAST: Partial<Policy> = {
  describe: describeProblem,
  backoffBase: 10,
  backoffCap: 20,
  refusedRetry: [20, 40],
  blockedRetry: [20, 40],
  pollInterval: [20, 40],
  resyncHold: [0, 0],
};

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function serve(handler: Handler, port?: number): Promise<TestServer> {
  const server = await startServer(handler, port);
  cleanups.push(server.close);
  return server;
}

function connect(url: string, options: ClientOptions = {}): FlagClient {
  const ports = { transport: createHttpTransport(), clock: createSystemClock(), random: Math.random };
  const client = createFlagClient({ url, key: 'server-key', ...options }, ports, FAST);
  cleanups.push(() => client.close());
  return client;
}

function flag(version: number, on: boolean): object {
  const variations = [
    { name: 'on', value: true },
    { name: 'off', value: false },
  ];
  const fallthrough = { variation: on ? 'on' : 'off' };
  return {
    key: 'a',
    version,
    digest: `${version}`,
    type: 'boolean',
    enabled: true,
    variations,
    off: 'off',
    rules: [],
    fallthrough,
  };
}

function fullSync(version: number, on: boolean): FullSync {
  const ruleset = {
    format: 1,
    environment: 'test',
    epoch: 'e1',
    version,
    flags: { a: flag(version, on) },
    segments: {},
  };
  const { position } = holdRuleset(compileRuleset(ruleset));
  return { type: 'FULL_SYNC', position, reason: 'initial', ruleset };
}

function delta(from: number, to: number, on: boolean): Message {
  const position = fullSync(to, on).position;
  const flags = { a: flag(to, on) } as unknown as Extract<Message, { type: 'FLAG_UPDATE' }>['flags'];
  return { type: 'FLAG_UPDATE', from: fullSync(from, !on).position, position, flags };
}

const streaming =
  (...messages: Message[]): Handler =>
  (_, response) => {
    response.writeHead(200, STREAM);
    for (const message of messages) response.write(formatMessage(message));
  };

test('a change arrives while the program runs', async () => {
  let send: (message: Message) => void = () => {};
  const server = await serve((request, response) => {
    streaming(fullSync(1, false))(request, response);
    send = (message) => void response.write(formatMessage(message));
  });
  const flags = connect(server.url);
  expect(await flags.ready()).toEqual({ source: 'network' });
  expect(flags.value('a', true)).toBe(false);
  const changed = new Promise((resolve) => flags.subscribe('a', resolve));
  send(delta(1, 2, true));
  await changed;
  expect(flags.value('a', false)).toBe(true);
  expect(server.requests[0]?.headers).toMatchObject({
    authorization: 'Bearer server-key',
    accept: 'text/event-stream',
  });
});

test('a stream that comes byte by byte is read', async () => {
  const bytes = Buffer.from(`: padding\n\n${formatMessage(fullSync(1, true))}`);
  const server = await serve(async (_, response) => {
    response.writeHead(200, STREAM);
    for (const byte of bytes) await new Promise((sent) => response.write(Buffer.of(byte), sent));
  });
  const flags = connect(server.url);
  await flags.ready();
  expect(flags.value('a', false)).toBe(true);
});

test('after a cut in the middle of an event, the stream resumes from the last one applied', async () => {
  const server = await serve((request, response) => {
    if (request.headers['last-event-id'] === undefined) {
      response.writeHead(200, STREAM);
      response.write(formatMessage(fullSync(1, false)));
      response.write(formatMessage(delta(1, 2, true)).slice(0, -20), () => response.destroy());
    } else streaming(delta(1, 2, true))(request, response);
  });
  const flags = connect(server.url);
  await expect.poll(() => flags.value('a', false)).toBe(true);
  expect(server.requests[1]?.headers['last-event-id']).toBe(`e1.1.${fullSync(1, false).position.hash}`);
});

test('no server at the address: the status says where and why, without what was sent', async () => {
  const server = await serve((_, response) => void response.end());
  await server.close();
  const flags = connect(server.url);
  await expect.poll(() => flags.status().message).toContain(`ECONNREFUSED at ${new URL(server.url).host}`);
  expect(flags.status().message).not.toContain('server-key');
  expect(flags.value('a', true)).toBe(true);
});

test('a refused key is reported in one line; the defaults are served; a key that is put right is noticed', async () => {
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: (text: string) => void logged.push(text) };
  const server = await serve((_, response) => void response.writeHead(401).end('no'));
  const flags = connect(server.url, { logger });
  expect(await flags.ready()).toMatchObject({ source: undefined, reason: 'auth' });
  expect(flags.status()).toMatchObject({ state: 'failed', reason: 'auth' });
  expect(flags.value('a', true)).toBe(true);
  expect(logged).toEqual(['The server refused the key (status 401). Check the key.']);
  server.handle(streaming(fullSync(1, false)));
  await expect.poll(() => flags.status().state).toBe('live');
  expect(flags.value('a', true)).toBe(false);
  expect(logged.join()).not.toContain('server-key');
});

test('a server that goes away and comes back is found again; meanwhile the last rules are served', async () => {
  const server = await serve(streaming(fullSync(1, true)));
  const flags = connect(server.url);
  await flags.ready();
  await server.close();
  await expect.poll(() => flags.status()).toMatchObject({ stale: true });
  expect(flags.value('a', false)).toBe(true);
  await serve(streaming(fullSync(2, false)), Number(new URL(server.url).port));
  await expect.poll(() => flags.value('a', true)).toBe(false);
  expect(flags.status()).toMatchObject({ state: 'live', stale: false });
});

test('bad JSON in a known event keeps the rules and starts over', async () => {
  const server = await serve((request, response) => {
    streaming(fullSync(server.requests.length, true))(request, response);
    if (server.requests.length === 1) response.write('event: FLAG_UPDATE\ndata: {"from":\n\n');
  });
  const flags = connect(server.url);
  await expect.poll(() => server.requests.length).toBe(2);
  expect(flags.value('a', false)).toBe(true);
  await expect.poll(() => flags.status().state).toBe('live');
  expect(server.requests[1]?.headers['last-event-id']).toBeUndefined();
});

test('a page instead of a stream means polling until streams get through', async () => {
  const server = await serve((request, response) => {
    if (request.url?.startsWith('/v1/stream')) response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(formatEnvelope(fullSync(1, true)));
  });
  const flags = connect(server.url);
  await flags.ready();
  expect(flags.status()).toMatchObject({ state: 'polling', reason: 'blocked', stale: false });
  server.handle(streaming(fullSync(2, false)));
  await expect.poll(() => flags.status().state).toBe('live');
  expect(flags.value('a', true)).toBe(false);
});

test('redirects are followed', async () => {
  const server = await serve((request, response) => {
    if (request.url === '/v1/stream') response.writeHead(308, { location: '/moved/v1/stream' }).end();
    else streaming(fullSync(1, true))(request, response);
  });
  const flags = connect(server.url);
  expect(await flags.ready()).toEqual({ source: 'network' });
});

test('closing cuts the connection', async () => {
  let gone: Promise<unknown> = Promise.resolve();
  const server = await serve((request, response) => {
    gone = new Promise((resolve) => response.on('close', resolve));
    streaming(fullSync(1, true))(request, response);
  });
  const flags = connect(server.url);
  await flags.ready();
  await flags.close();
  await gone;
  expect(flags.status().state).toBe('closed');
});

test('clients of one program are independent: keys, rules and ends', async () => {
  const serving = (key: string, on: boolean): Handler => {
    const stream = streaming(fullSync(1, on));
    return (request, response) =>
      request.headers.authorization === `Bearer ${key}`
        ? stream(request, response)
        : void response.writeHead(401).end();
  };
  const [one, two] = await Promise.all([serve(serving('key-1', true)), serve(serving('key-2', false))]);
  const first = connect(one.url, { key: 'key-1' });
  const second = connect(two.url, { key: 'key-2' });
  const wrong = connect(two.url, { key: 'key-1' });
  const offline = createClient({ mode: 'offline', bootstrap: { ...fullSync(1, true).ruleset, version: 7 } });
  expect(await Promise.all([first, second, wrong, offline].map((client) => client.ready()))).toMatchObject([
    { source: 'network' },
    { source: 'network' },
    { source: undefined, reason: 'auth' },
    { source: 'bootstrap' },
  ]);
  const heard: string[] = [];
  first.subscribe(() => heard.push('first'));
  second.subscribe(() => heard.push('second'));
  await first.close();
  await offline.close();
  expect(second.status()).toMatchObject({ state: 'live', stale: false });
  expect([first.value('a', false), second.value('a', true), wrong.value('a', true)]).toEqual([true, false, true]);
  expect(heard).not.toContain('second');
  two.handle(serving('key-2', true));
  two.cut();
  await expect.poll(() => heard).toContain('second');
  await expect.poll(() => second.status().state).toBe('live');
  expect(first.status().state).toBe('closed');
  expect(one.requests).toHaveLength(1);
});

test('an offline client asks nobody, reports nothing and serves its bootstrap', async () => {
  const server = await serve(streaming(fullSync(2, false)));
  const options = { url: server.url, key: 'k', mode: 'offline', bootstrap: fullSync(1, true).ruleset } as const;
  const flags = createClient(options);
  expect(await flags.ready()).toEqual({ source: 'bootstrap' });
  expect(flags.value('a', false)).toBe(true);
  await flags.close();
  expect(server.requests).toEqual([]);
});

test.each([
  [undefined, 'options'],
  [{ key: 'k' }, 'url'],
  [{ url: 'http://[', key: 'k' }, 'url'],
  [{ url: 'http://127.0.0.1' }, 'key'],
])('bad options are refused at once: %j', (options, subject) => {
  expect(() => createClient(options as unknown as ClientOptions)).toThrow(
    expect.objectContaining({ name: 'FlagsError', code: 'INVALID_OPTION', subject }),
  );
});
