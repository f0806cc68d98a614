import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { expect } from 'vitest';
import { startNginx } from '../src/nginx.ts';
import { startFaultProxy } from '../src/proxy.ts';
import { request } from '../src/request.ts';
import { fault, FLAG, KEY } from './fault.ts';
import { startRelay } from './relay-bench.ts';

const AUTH = { authorization: `Bearer ${KEY}` };

fault('a proxy that gathers what it passes on', 15_000, async (bench) => {
  const { relay, port, turn } = await startRelay(bench);
  const proxy = bench.owns(await startFaultProxy({ port }));
  proxy.damage({ kind: 'buffer', bytes: 64 * 1_024 });
  // nginx as it comes: HTTP/1.0 to the relay, and buffering, which our header would turn off.
  const nginx = bench.owns(await startNginx(port, ['proxy_ignore_headers X-Accel-Buffering;']));
  const clients = [bench.client(nginx.url), bench.client(proxy.url)];
  await bench.until(() => relay.streams === 2);
  // Polls pass, since they end. Nothing waits for the two minutes of a stream that fails in other ways.
  await bench.converged('the first rules', () => clients.every((flags) => flags.status().source === 'network'));
  for (const flags of clients) expect(flags.status()).toMatchObject({ state: 'polling', stale: false });
  // Mended, the stream that waited so long comes through.
  const [, behind] = clients;
  proxy.damage({ kind: 'pass' });
  turn(2, true);
  await bench.converged('the change', () => behind?.value(FLAG, false) === true && behind.status().state === 'live');
});

fault('a proxy that compresses', 5_000, async (bench) => {
  const { port, turn } = await startRelay(bench);
  const nginx = bench.owns(
    await startNginx(port, [
      'gzip on;',
      // The relay gives what is whole, so that the proxy has something to do.
      'proxy_set_header Accept-Encoding "";',
      'gzip_proxied any;',
      'gzip_http_version 1.0;',
      'gzip_min_length 1;',
      'gzip_types text/event-stream application/json;',
    ]),
  );
  const flags = bench.client(nginx.url);
  await bench.until(() => flags.status().state === 'live');
  // A client that asks for it gets the stream compressed, against `no-transform`; it has to come event by event.
  let text = '';
  const stream = get(
    `${nginx.url}/v1/stream`,
    { agent: false, headers: { ...AUTH, accept: 'text/event-stream', 'accept-encoding': 'gzip' } },
    (response) => {
      expect(response.headers['content-encoding']).toBe('gzip');
      response
        .pipe(createGunzip())
        .on('error', () => {})
        .on('data', (piece: Buffer) => (text += piece.toString()));
    },
  ).on('error', () => {});
  bench.owns({ close: () => stream.destroy() });
  await bench.until(() => text.includes('event: HEARTBEAT'));
  turn(2, true);
  await bench.converged(
    'the change, plain and compressed',
    () => flags.value(FLAG, false) && text.includes('event: FLAG_UPDATE'),
  );
  // The proxy weakens the tag of what it compresses; polls with it are still answered with 304.
  const gzip = { ...AUTH, accept: 'application/json', 'accept-encoding': 'gzip' };
  const { headers } = await request(`${nginx.url}/v1/snapshot`, gzip);
  expect(headers).toMatchObject({ 'content-encoding': 'gzip', etag: expect.stringMatching(/^W\//) });
  const again = await request(`${nginx.url}/v1/snapshot`, { ...gzip, 'if-none-match': String(headers.etag) });
  expect(again.status).toBe(304);
});

fault('a proxy that cuts what is silent', 15_000, async (bench) => {
  // As 30 s are to a proxy's 20: bytes come twice in a heartbeat.
  const patient = await startRelay(bench, { heartbeatMs: 3_000 });
  const silent = await startRelay(bench, { heartbeatMs: 60_000 });
  const cut = ['proxy_read_timeout 2s;'];
  const [nginx, control] = [
    bench.owns(await startNginx(patient.port, cut)),
    bench.owns(await startNginx(silent.port, cut)),
  ];
  const flags = bench.client(nginx.url);
  const other = bench.client(control.url);
  let changes = 0;
  flags.subscribe(({ type }: { type?: string }) => {
    changes += type === 'status' ? 1 : 0;
  });
  await bench.until(() => flags.status().state === 'live' && other.status().state === 'live');
  const before = changes;
  let wasCut = false;
  other.subscribe(() => {
    wasCut ||= other.status().state !== 'live';
  });
  await sleep(5_000);
  expect([changes - before, wasCut]).toEqual([0, true]);
  patient.turn(2, true);
  silent.turn(2, true);
  await bench.converged('the change', () => flags.value(FLAG, false) && other.value(FLAG, false));
});

fault('a scanner that holds an event back until the next one', 5_000, async (bench) => {
  const { port } = await startRelay(bench);
  const proxy = bench.owns(await startFaultProxy({ port }));
  proxy.damage({ kind: 'hold' });
  const flags = bench.client(proxy.url);
  // The heartbeat that follows at once lets the rules through; the next bytes would come after 15 s.
  await bench.converged('the first rules', () => flags.status().source === 'network');
  expect(flags.status().state).toBe('live');
});

fault('a path that delays, ends, resets and refuses', 25_000, async (bench) => {
  const { relay, port, turn } = await startRelay(bench);
  const proxy = bench.owns(await startFaultProxy({ port }));
  const flags = bench.client(proxy.url);
  await bench.until(() => flags.status().state === 'live');
  const harms: readonly (readonly [what: string, harm: () => void, mend: () => void])[] = [
    ['a delay', () => proxy.damage({ kind: 'delay', ms: 300 }), () => proxy.damage({ kind: 'pass' })],
    ['an end in one direction', proxy.halfClose, () => {}],
    ['a reset', proxy.reset, () => {}],
    [
      'a refusal',
      () => {
        proxy.damage({ kind: 'refuse' });
        proxy.reset();
      },
      () => proxy.damage({ kind: 'pass' }),
    ],
  ];
  let version = 1;
  for (const [what, harm, mend] of harms) {
    version += 1;
    const on = version % 2 === 0;
    harm();
    turn(version, on);
    if (what === 'a refusal') await bench.until(() => flags.status().reason === 'network');
    mend();
    await bench.converged(
      `the change after ${what}`,
      () => flags.value(FLAG, !on) === on && flags.status().state === 'live',
    );
  }
  await bench.until(() => relay.streams === 1 && proxy.open === 1);
});
