import { setTimeout as sleep } from 'node:timers/promises';
import { formatPosition } from '@flags/sync';
import { expect } from 'vitest';
import { startChildRelay } from '../src/child-relay.ts';
import { openLink } from '../src/link.ts';
import { readMetric } from '../src/metric.ts';
import { createOrigin } from '../src/origin.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { flagOf } from '../src/rules.ts';
import { faultInFakeTime } from './fake-time.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { flagFile, rulesWith, startRelay } from './relay-bench.ts';

fault('heartbeats come and deltas are lost', 10_000, async (bench) => {
  const { relay, port, turn } = await startRelay(bench, { heartbeatMs: 500 });
  const proxy = bench.owns(await startFaultProxy({ port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  proxy.damage({ kind: 'drop', pattern: /^event: FLAG_UPDATE/m, times: 1 });
  turn(2, true);
  await bench.until(() => flags.status().stale);
  expect(flags.value(FLAG, true)).toBe(false);
  // Two seconds for a delta that is only late, and half a heartbeat of jitter.
  await bench.converged('the delta that was lost', () => flags.value(FLAG, false));
  await bench.until(() => flags.status().state === 'live' && !flags.status().stale && relay.streams === 1);
});

fault('what is held drifts from the origin', 10_000, async (bench) => {
  const { relay, port, turn } = await startRelay(bench, { heartbeatMs: 500 });
  const proxy = bench.owns(await startFaultProxy({ port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  let drifted = false;
  flags.subscribe(() => {
    drifted ||= flags.status().drift;
  });
  // The event stays well-formed: nothing but the hash tells that a digest is another one.
  proxy.damage({ kind: 'corrupt', from: /"digest":"\w{8}/, to: '"digest":"00000000', times: 1 });
  turn(2, true);
  await bench.until(() => drifted);
  expect(flags.status().drifts).toBeGreaterThanOrEqual(1);
  expect(flags.value(FLAG, false)).toBe(true);
  await bench.converged('agreement with the origin', () => !flags.status().drift && flags.status().state === 'live');
  expect(flags.status().position).toMatch(/\.2\.[0-9a-f]{8}$/);
  await bench.until(() => relay.streams === 1);
});

faultInFakeTime('a history that forked without a sign', 20_000, ({ client, converged }) => {
  const origin = createOrigin(rulesWith(1, false));
  const { flags, transport } = client((request) => {
    const answer = origin.answer(request.request.headers['last-event-id']);
    request.respond();
    if (answer !== undefined) request.send(answer);
    request.send(origin.heartbeat({ intervalMs: 30_000 }));
  });
  expect(flags.status()).toMatchObject({ state: 'live', drift: false });
  // The same version, another content.
  origin.replace(rulesWith(1, true));
  transport.last('stream').send(origin.heartbeat());
  expect(flags.status()).toMatchObject({ drift: true, drifts: 1 });
  converged('what the other history holds', () => flags.value(FLAG, false));
  expect(flags.status()).toMatchObject({ state: 'live', drift: false, position: formatPosition(origin.position) });
  expect(transport.requests).toHaveLength(2);
});

faultInFakeTime('silence on a live stream', 78_000, ({ client, clock, converged }) => {
  const origin = createOrigin(rulesWith(1, false));
  const { flags, transport } = client((request) => {
    request.respond();
    request.send(origin.answer(request.request.headers['last-event-id']) ?? origin.fullSync());
    request.send(origin.heartbeat({ intervalMs: 30_000 }));
  });
  // A comment is enough to live on.
  for (let minute = 0; minute < 10; minute += 1) {
    clock.advance(60_000);
    transport.last('stream').write(':\n\n');
  }
  expect([flags.status().state, transport.requests.length]).toEqual(['live', 1]);
  origin.commit({ [FLAG]: flagOf(FLAG, 2, true) });
  clock.advance(74_000);
  expect(flags.status().state).toBe('live');
  converged('the change, over another connection', () => flags.value(FLAG, false));
  expect(transport.requests.map((request) => request.closed())).toEqual([true, false]);
});

fault('a connection that is open on both sides and dead', 15_000, async (bench) => {
  const { relay, port, turn } = await startRelay(bench, { heartbeatMs: 500, acks: true });
  const proxy = bench.owns(await startFaultProxy({ port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  await bench.until(async () => (await readMetric(relay.url, KEY, 'flags_relay_acks_total{outcome="repeated"}')) > 0);
  proxy.damage({ kind: 'blackhole' });
  proxy.damage({ kind: 'pass' });
  turn(2, true);
  // Two and a half heartbeats without a byte, and up to a second of jitter.
  await bench.converged('the change, over another connection', () => flags.value(FLAG, false));
  expect(relay.streams).toBe(2);
  // To the relay all is well, and its system takes what it sends. But it had acknowledged before, and now says nothing.
  await bench.until(() => relay.streams === 1);
  expect(await readMetric(relay.url, KEY, 'flags_relay_cuts_total{reason="silent"}')).toBe(1);
  expect(flags.status().state).toBe('live');
});

fault('a cable that is pulled out', 30_000, async (bench) => {
  const file = await flagFile(bench);
  const options = { flags: file.path, keys: [KEY], args: ['--heartbeat', '0.5'] };
  // A network of its own where this user may make one; else the same on the proxy, which tells neither side of the other's end.
  const link = await openLink();
  if (link !== undefined) bench.owns(link);
  const relay = bench.owns(
    await startChildRelay({ ...options, ...(link && { host: link.address, prefix: link.prefix }) }),
  );
  const proxy = bench.owns(await startFaultProxy({ port: relay.port }));
  const flags = bench.client(link === undefined ? proxy.url : relay.url);
  await bench.until(() => flags.status().state === 'live');
  if (link === undefined) proxy.damage({ kind: 'blackhole' });
  else await link.pull();
  await file.turn(true);
  await bench.until(() => flags.status().reason === 'network');
  await sleep(2_000);
  expect(flags.status()).toMatchObject({ stale: true, source: 'network' });
  if (link === undefined) proxy.damage({ kind: 'pass' });
  else await link.plug();
  await bench.converged('the change', () => flags.value(FLAG, false) && flags.status().state === 'live');
  // The stream from before has no reader, and the relay lets go of it. What the proxy swallows it cannot know.
  const streams = link === undefined ? 2 : 1;
  await bench.until(async () => (await relay.metric('flags_relay_connections{view="server"}')) <= streams);
});

fault('a relay that freezes', 15_000, async (bench) => {
  const file = await flagFile(bench);
  const args = ['--heartbeat', '0.5'];
  const [frozen, other] = [
    bench.owns(await startChildRelay({ flags: file.path, keys: [KEY], args })),
    bench.owns(await startChildRelay({ flags: file.path, keys: [KEY], args })),
  ];
  const proxy = bench.owns(await startFaultProxy({ port: frozen.port }));
  const clients = Array.from({ length: 10 }, () => bench.client(proxy.url));
  await bench.until(() => clients.every((flags) => flags.status().state === 'live'));
  let changes = 0;
  for (const flags of clients) flags.subscribe(FLAG, () => (changes += 1));
  proxy.retarget(other.port);
  frozen.signal('SIGSTOP');
  await file.turn(true);
  await bench.converged('the change, from the other relay', () => clients.every((flags) => flags.value(FLAG, false)));
  frozen.signal('SIGCONT');
  await bench.until(async () => (await frozen.metric('flags_relay_connections{view="server"}')) === 0);
  expect(await other.metric('flags_relay_connections{view="server"}')).toBe(clients.length);
  expect(changes).toBe(clients.length);
});
