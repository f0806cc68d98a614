import { xxh32 } from '@flags/core';
import { describe, expect, test } from 'vitest';
import { createFlagClient, createLoads, formatStateHash, MAX_LOAD_BYTES } from '../src/index.ts';
import type { ClientOptions, FlagClient, Message, RulesetRef } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';
import type { ScriptedTransport } from '../src/testing/index.ts';
import { first, fullSync } from './setup.ts';
import { utf8 } from './utf8.ts';

const body = utf8(JSON.stringify(fullSync.ruleset));
// Any digest of that shape will do here; the platform brings the real one.
const digest = (bytes: Uint8Array): string => formatStateHash(xxh32(bytes.join())).repeat(8);
const sha256 = (bytes: Uint8Array): Promise<string> => Promise.resolve(digest(bytes));
const good: RulesetRef = {
  url: '/base/v1/ruleset?position=x',
  bytes: body.length,
  sha256: digest(body),
};

interface Made {
  readonly client: FlagClient;
  readonly transport: ScriptedTransport;
  readonly paths: () => string[];
}

/** A client that is told to fetch by reference. */
function told(ref: Partial<RulesetRef> = {}, withPart = true, options: ClientOptions = {}): Made {
  const transport = createScriptedTransport();
  const loads = withPart ? createLoads(sha256, ['https://cdn.example']) : undefined;
  const client = createFlagClient(
    { url: 'http://relay/base', key: 'sdk-1', ...options },
    { transport, clock: createFakeClock(), random: () => 0.5, loads },
  );
  transport.last('stream').respond();
  const message: Message = {
    type: 'FULL_SYNC',
    position: first.position,
    reason: 'initial',
    ref: { ...good, ...ref },
  };
  transport.last('stream').send(message);
  return { client, transport, paths: () => transport.requests.map(({ request }) => request.url) };
}

const SNAPSHOT = 'http://relay/base/v1/snapshot';

test('a ruleset by reference is fetched with the key, checked, and served', async () => {
  const { client, transport } = told();
  const { request, respond, write, end } = transport.last('ruleset');
  expect(request).toEqual({
    url: 'http://relay/base/v1/ruleset?position=x',
    headers: { authorization: 'Bearer sdk-1', accept: 'application/json' },
  });
  respond();
  // The transport may use its buffer again.
  const chunk = body.slice(0, 50);
  write(chunk);
  chunk.fill(0);
  write(body.subarray(50));
  end();
  expect(await client.ready()).toEqual({ source: 'network' });
  expect(client.value('a', false)).toBe(true);
  expect(client.status()).toMatchObject({ state: 'live', stale: false, drift: false });
});

describe('where a reference may lead', () => {
  test.each([
    ['http://relay/other', 'http://relay/other', 'Bearer sdk-1'],
    ['HTTP://RELAY/other', 'HTTP://RELAY/other', 'Bearer sdk-1'],
    ['https://cdn.example/x?y', 'https://cdn.example/x?y', undefined],
  ])('%s is fetched', (url, address, authorization) => {
    const { request } = told({ url }).transport.last('ruleset');
    expect([request.url, request.headers['authorization']]).toEqual([address, authorization]);
  });

  test.each([
    '//evil/x',
    '/\\evil/x',
    '\\\\evil/x',
    '/\t/evil',
    '/x y',
    'x',
    '',
    'https://relay/x',
    'http://relay:81/x',
    'http://relay.evil/x',
    'http://relay@evil/x',
    'http://user@relay/x',
    'https://cdn.example.evil/x',
    'ftp://relay/x',
    'data:,{}',
    'file:///etc/passwd',
  ])('%j is not: a snapshot is asked for', (url) => {
    expect(told({ url }).paths()).toEqual(['http://relay/base/v1/stream', SNAPSHOT]);
  });
});

test('a client without the part says nothing of it, and takes no reference', () => {
  const { client, transport } = told({}, false);
  expect(transport.requests[0]?.request.headers).not.toHaveProperty('x-flags-caps');
  expect(client.status()).toMatchObject({ source: undefined, reason: 'data' });
  expect(transport.requests).toHaveLength(1);
});

test('a client that is told of too much asks for a snapshot', () => {
  expect(told({ bytes: MAX_LOAD_BYTES + 1 }).paths()).toContain(SNAPSHOT);
});

test.each<[string, Partial<RulesetRef>, string]>([
  ['another digest', { sha256: '0f'.repeat(32) }, 'another digest'],
  ['less than was announced', { bytes: body.length + 1 }, 'another length'],
  ['more than was announced', { bytes: body.length - 1 }, 'another length'],
])('an answer with %s is not used', async (_, ref, problem) => {
  const logged: string[] = [];
  const logger = { info: (text: string) => void logged.push(text), warn: () => {} };
  const { client, transport, paths } = told(ref, true, { logger });
  transport.last('ruleset').respond();
  transport.last('ruleset').write(body);
  transport.last('ruleset').end();
  await expect.poll(() => paths().at(-1)).toBe(SNAPSHOT);
  expect(client.snapshot()).toBeUndefined();
  expect(logged).toEqual([expect.stringContaining(problem)]);
  transport.last('snapshot').respond();
  transport.last('snapshot').send(fullSync);
  expect(client.value('a', false)).toBe(true);
});

test('what is checked when the client closes is not used any more', async () => {
  const { client, transport } = told();
  transport.last('ruleset').respond();
  transport.last('ruleset').write(body);
  transport.last('ruleset').end();
  await client.close();
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  expect(client.snapshot()).toBeUndefined();
});

test('closing ends the request', async () => {
  const { client, transport } = told();
  await client.close();
  expect(transport.last('ruleset').closed()).toBe(true);
});

test('a platform that wakes makes the client look at once, until it is closed', async () => {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const wakes = new Set<() => void>();
  const onWake = (wake: () => void): (() => void) => {
    wakes.add(wake);
    return () => void wakes.delete(wake);
  };
  const client = createFlagClient({ url: 'http://r', key: 'k' }, { transport, clock, random: () => 0.5, onWake });
  transport.last('stream').end('ENETUNREACH');
  for (const wake of wakes) wake();
  expect(transport.requests).toHaveLength(2);
  await client.close();
  expect(wakes.size).toBe(0);
});

test('a machine that slept connects anew within a second', () => {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const client = createFlagClient({ url: 'http://r', key: 'k' }, { transport, clock, random: () => 0.5 });
  transport.last('stream').respond();
  transport.last('stream').send(fullSync);
  clock.advance(30_000);
  clock.sleep(3_600_000);
  expect(client.status()).toMatchObject({ state: 'waiting', stale: true, reason: undefined });
  clock.advance(500);
  expect(transport.requests.map(({ closed }) => closed())).toEqual([true, false]);
});

test('an acknowledgement goes out with the key, and its answer is no news', () => {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const client = createFlagClient({ url: 'http://r', key: 'k' }, { transport, clock, random: () => 0.5 });
  transport.last('stream').respond();
  transport.last('stream').send(fullSync);
  transport
    .last('stream')
    .send({ type: 'HEARTBEAT', position: first.position, time: clock.now(), stream: 's', ack: true });
  clock.advance(1_500);
  const { request, respond, closed } = transport.last('ack');
  expect(request).toEqual({
    url: 'http://r/v1/ack',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    body: JSON.stringify({ stream: 's', position: `e1.1.${first.position.hash}`, lagMs: 1_500 }),
  });
  respond({ status: 500 });
  expect(closed()).toBe(true);
  expect(client.status()).toMatchObject({ state: 'live', reason: undefined });
});
