import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { startChildRelay } from '../src/child-relay.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { flagFile, startRelay } from './relay-bench.ts';

fault('a relay that is killed with many clients', 15_000, async (bench) => {
  const file = await flagFile(bench);
  const first = bench.owns(await startChildRelay({ flags: file.path, keys: [KEY] }));
  const clients = Array.from({ length: 300 }, () => bench.client(first.url));
  const all = (holds: (flags: (typeof clients)[number]) => boolean) => (): boolean => clients.every(holds);
  await bench.until(all((flags) => flags.status().state === 'live'));
  first.signal('SIGKILL');
  await first.gone;
  await bench.until(all((flags) => flags.status().state !== 'live'));
  await sleep(300);
  const second = bench.owns(await startChildRelay({ flags: file.path, keys: [KEY], port: first.port }));
  await bench.converged(
    'the last of the clients',
    all((flags) => flags.status().state === 'live'),
  );
  // The lock beside the file keeps the history, so nobody is sent the rules again.
  expect(await second.metric('flags_relay_resumes_total{kind="current"}')).toBe(clients.length);
  expect(await second.metric('flags_relay_connections{view="server"}')).toBe(clients.length);
  await file.turn(true);
  await bench.until(all((flags) => flags.value(FLAG, false)));
});

fault('a relay that is told to stop', 25_000, async (bench) => {
  const file = await flagFile(bench);
  const [going, staying] = [
    bench.owns(await startChildRelay({ flags: file.path, keys: [KEY] })),
    bench.owns(await startChildRelay({ flags: file.path, keys: [KEY] })),
  ];
  const proxy = bench.owns(await startFaultProxy({ port: going.port }));
  const clients = Array.from({ length: 200 }, () => bench.client(proxy.url));
  await bench.until(() => clients.every((flags) => flags.status().state === 'live'));
  const troubles = new Set<string>();
  for (const flags of clients) {
    flags.subscribe(() => {
      const { reason, stale } = flags.status();
      if (reason !== undefined || stale) troubles.add(reason ?? 'stale');
    });
  }
  const start = performance.now();
  proxy.retarget(staying.port);
  going.signal('SIGTERM');
  await bench.converged('every client at the other relay', async () => {
    return (await staying.metric('flags_relay_connections{view="server"}')) === clients.length;
  });
  expect(await going.gone).toBe(0);
  expect(performance.now() - start).toBeLessThan(25_000);
  // Nobody saw a connection break: the goodbye came before the end, and to move is no failure.
  expect([...troubles]).toEqual([]);
  expect(await staying.metric('flags_relay_resumes_total{kind="current"}')).toBe(clients.length);
  await file.turn(true);
  await bench.until(() => clients.every((flags) => flags.value(FLAG, false)));
});

fault('more connections than the system keeps', 30_000, async (bench) => {
  const { relay, port } = await startRelay(bench);
  // All connect in one turn of the program, before a single one can be accepted: what does not fit into the backlog is
  // dropped without an answer, and the system tries again after 1 s, 3 s, 7 s.
  const proxy = bench.owns(await startFaultProxy({ port, backlog: 16 }));
  const start = performance.now();
  const clients = Array.from({ length: 60 }, () => bench.client(proxy.url));
  await bench.converged('the last of the clients', () => clients.every((flags) => flags.status().state === 'live'));
  expect(relay.streams).toBe(clients.length);
  // It did overflow.
  expect(performance.now() - start).toBeGreaterThan(900);
});
