import { createFlagClient, holdRuleset } from '@flags/sync';
import type { FlagClient, Message, Transport, TransportRequest } from '@flags/sync';
import { compileRuleset } from '@flags/core';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import type { FakeClock, ScriptedTransport } from '@flags/sync/testing';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { shareStream } from '../src/index.ts';
import { createPageLife } from '../src/page-life.ts';

interface Tab {
  readonly client: FlagClient;
  /** The tab's own connections to the relay. */
  readonly relay: ScriptedTransport;
  readonly clock: FakeClock;
  /** What the tab makes its requests with. */
  readonly shared: Transport;
  /** Freezes the page, or lets it go on. */
  readonly freeze: () => void;
  readonly resume: () => void;
  readonly leave: () => void;
}

const tabs: Tab[] = [];
let environments = 0;
let url = '';

afterEach(() => {
  for (const tab of tabs.splice(0)) tab.leave();
  url = '';
});

function openTab(): Tab {
  // Each test is an environment of its own: locks and channels are shared by all that runs here.
  url ||= `http://relay-${environments++}`;
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' as const });
  const life = createPageLife(new EventTarget(), document);
  const clock = createFakeClock();
  const relay = createScriptedTransport();
  const own: { client?: FlagClient } = {};
  const shared = shareStream({ transport: relay, clock, life, client: () => own.client });
  if (shared === undefined) throw new Error('This Node has no locks.');
  const client = createFlagClient({ url, key: 'k' }, { transport: shared.transport, clock, random: () => 0.5 });
  own.client = client;
  const leave = (): void => {
    void client.close();
    shared.stop();
  };
  const tab = {
    client,
    relay,
    clock,
    shared: shared.transport,
    leave,
    freeze: () => void document.dispatchEvent(new Event('freeze')),
    resume: () => void document.dispatchEvent(new Event('resume')),
  };
  tabs.push(tab);
  return tab;
}

function rulesOf(version: number, value: string): Extract<Message, { type: 'FULL_SYNC' }> {
  const variations = [{ name: 'v', value }];
  const flag = { key: 'a', version, digest: value, type: 'string', enabled: true, variations, off: 'v', rules: [] };
  const flags = { a: { ...flag, fallthrough: { variation: 'v' } } };
  const ruleset = { format: 1, environment: 'test', epoch: 'e1', version, flags, segments: {} };
  return { type: 'FULL_SYNC', position: holdRuleset(compileRuleset(ruleset)).position, reason: 'initial', ruleset };
}

const streams = ({ relay }: Tab): number => relay.requests.filter(({ closed }) => !closed()).length;
const expectValue = (tab: Tab, value: string): Promise<void> =>
  vi.waitFor(() => expect(tab.client.value('a', 'default')).toBe(value));
const expectLead = (tab: Tab): Promise<void> => vi.waitFor(() => expect(streams(tab)).toBe(1));

/** Two tabs; the first leads and both read `one`. */
async function openTwo(): Promise<readonly [Tab, Tab]> {
  const leader = openTab();
  await expectLead(leader);
  leader.relay.last('stream').respond();
  leader.relay.last('stream').send(rulesOf(1, 'one'));
  const follower = openTab();
  await expectValue(follower, 'one');
  return [leader, follower];
}

test('a follower gets what the leader holds, then every change and heartbeat, without a connection', async () => {
  const [leader, follower] = await openTwo();
  expect(follower.client.status()).toMatchObject({ state: 'live', source: 'network', stale: false });
  leader.relay.last('stream').send(rulesOf(2, 'two'));
  await expectValue(follower, 'two');
  const { position } = rulesOf(2, 'two');
  leader.relay.last('stream').send({ type: 'HEARTBEAT', position, time: leader.clock.now() + 60_000 });
  expect(follower.relay.requests).toEqual([]);
});

test('what brings a new tab up to date is for that tab alone', async () => {
  const [, follower] = await openTwo();
  const heard: string[] = [];
  follower.client.subscribe(({ type }) => heard.push(type));
  await expectValue(openTab(), 'one');
  expect(heard).toEqual([]);
});

test('a follower that came before the leader was live is answered once it is', async () => {
  const leader = openTab();
  await expectLead(leader);
  const follower = openTab();
  await new Promise((resolve) => setTimeout(resolve, 50));
  follower.clock.advance(4_000);
  expect(streams(follower)).toBe(0);
  leader.relay.last('stream').respond();
  leader.relay.last('stream').send(rulesOf(1, 'one'));
  await expectValue(follower, 'one');
});

test('one that leaves passes the lead on, and the next goes on from where it stands', async () => {
  const [leader, follower] = await openTwo();
  leader.leave();
  await expectLead(follower);
  expect(follower.relay.last('stream').request.headers['last-event-id']).toBe(follower.client.status().position);
  expect(follower.client.status()).toMatchObject({ state: 'live', stale: false });
  follower.relay.last('stream').respond();
  follower.relay.last('stream').send(rulesOf(2, 'two'));
  await expectValue(follower, 'two');
});

test('a leader that is frozen passes the lead on, too', async () => {
  const [leader, follower] = await openTwo();
  leader.freeze();
  await expectLead(follower);
});

test('a leader that does not answer is passed by after 3 s, and joined again when there is another', async () => {
  // A lock without anyone behind it: a tab that hangs.
  url = `http://relay-${environments++}`;
  let letGo = (): void => {};
  const name = `flags/1 ${url}/v1/stream Bearer k`;
  const held = navigator.locks.request(name, () => new Promise<void>((resolve) => (letGo = resolve)));
  const first = openTab();
  const second = openTab();
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const { clock } of [first, second]) clock.advance(2_900);
  expect([streams(first), streams(second)]).toEqual([0, 0]);
  for (const { clock } of [first, second]) clock.advance(200);
  expect([streams(first), streams(second)]).toEqual([1, 1]);
  for (const { relay } of [first, second]) {
    relay.last('stream').respond();
    relay.last('stream').send(rulesOf(1, 'one'));
  }
  letGo();
  await held;
  await vi.waitFor(() => expect(streams(first) + streams(second)).toBe(1));
  await vi.waitFor(() => expect(second.client.status().state).toBe('live'));
});

test('what the relay refuses, all are refused', async () => {
  const leader = openTab();
  await expectLead(leader);
  const follower = openTab();
  await new Promise((resolve) => setTimeout(resolve, 50));
  leader.relay.last('stream').respond({ status: 401 });
  for (const { client } of [leader, follower]) {
    await vi.waitFor(() => expect(client.status()).toMatchObject({ state: 'failed', reason: 'auth' }));
  }
});

test('when the stream ends all know, and all come back with the leader', async () => {
  const [leader, follower] = await openTwo();
  leader.relay.last('stream').end('cut by the test');
  await vi.waitFor(() => expect(follower.client.status()).toMatchObject({ state: 'waiting', reason: 'network' }));
  // The follower is back before the leader has a stream again.
  follower.clock.advance(1_000);
  await new Promise((resolve) => setTimeout(resolve, 50));
  leader.clock.advance(1_000);
  await expectLead(leader);
  leader.relay.last('stream').respond();
  leader.relay.last('stream').send(rulesOf(2, 'two'));
  await expectValue(follower, 'two');
  expect(follower.relay.requests).toEqual([]);
});

test('what others say on the channel harms nobody', async () => {
  const [leader, follower] = await openTwo();
  const channel = new BroadcastChannel(`flags/1 ${url}/v1/stream Bearer k`);
  for (const data of [null, 7, 'lead', {}, { type: 'start', id: 1 }, { type: 'text', text: 'no event\n\n' }]) {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel stays within its origin
    channel.postMessage(data);
  }
  leader.relay.last('stream').send(rulesOf(2, 'two'));
  await expectValue(follower, 'two');
  channel.close();
});

test('requests other than the stream are each tab’s own', async () => {
  const [, follower] = await openTwo();
  const shared = shareStream({
    transport: follower.relay,
    clock: follower.clock,
    life: createPageLife(undefined, undefined),
    client: () => follower.client,
  });
  const nobody = { response: () => {}, bytes: () => {}, end: () => {} };
  shared?.transport.open({ url: `${url}/v1/snapshot`, headers: { accept: 'application/json' } }, nobody);
  expect(follower.relay.last('snapshot').request.url).toBe(`${url}/v1/snapshot`);
  shared?.stop();
});

test('a tab that asks for another context, or signed otherwise, leaves the lead to those that stay', async () => {
  const [leader, follower] = [openTab(), openTab()];
  await expectLead(leader);
  const nobody = { response: () => {}, bytes: () => {}, end: () => {} };
  const headers = { accept: 'text/event-stream', authorization: 'Bearer k' };
  const address = `${url}/v1/client/stream`;
  const open = (tab: Tab, body: string, more: object = {}): (() => void) =>
    tab.shared.open({ url: address, headers: { ...headers, ...more }, body }, nobody).close;
  const asked = ({ relay }: Tab): unknown[] => relay.requests.flatMap(({ request }) => request.body ?? []);
  const stop = open(leader, 'ann');
  await vi.waitFor(() => expect(asked(leader)).toEqual(['ann']));
  open(follower, 'ann');
  await new Promise((resolve) => void setTimeout(resolve, 50));
  expect(asked(follower)).toEqual([]);
  stop();
  open(leader, 'ann', { 'x-flags-context-signature': 'v1' });
  await vi.waitFor(() => expect(asked(follower)).toEqual(['ann']));
  await vi.waitFor(() => expect(asked(leader)).toEqual(['ann', 'ann']));
});

test.each<[string, Partial<TransportRequest>]>([
  ['context', { body: '{"context":{"targetingKey":"u-2"}}' }],
  ['key', { headers: { accept: 'text/event-stream', authorization: 'Bearer other' } }],
  [
    'signature',
    { headers: { accept: 'text/event-stream', authorization: 'Bearer k', 'x-flags-context-signature': 's' } },
  ],
])('a stream with another %s is not shared', async (_, more) => {
  const [leader, follower] = await openTwo();
  const headers = { accept: 'text/event-stream', authorization: 'Bearer k' };
  const nobody = { response: () => {}, bytes: () => {}, end: () => {} };
  follower.shared.open({ url: `${url}/v1/stream`, headers, ...more }, nobody);
  await expectLead(follower);
  expect(streams(leader)).toBe(1);
});

test.each(['navigator', 'BroadcastChannel'])('without %s nothing is shared, and each tab streams', (name) => {
  vi.stubGlobal(name, undefined);
  onTestFinished(() => void vi.unstubAllGlobals());
  const life = createPageLife(undefined, undefined);
  const ports = { transport: createScriptedTransport(), clock: createFakeClock(), life, client: () => undefined };
  expect(shareStream(ports)).toBeUndefined();
});
