import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { flag, ruleset } from './ruleset.ts';
import { memorySource } from '../src/index.ts';
import type { Relay } from '../src/index.ts';
import { KEY, open, start } from './start.ts';

async function dial(relay: Relay): Promise<Socket> {
  const { hostname, port } = new URL(relay.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  open.push({ close: () => socket.destroy() });
  await once(socket, 'connect');
  return socket;
}

const request = (path: string, ...headers: readonly string[]): string =>
  [`GET ${path} HTTP/1.1`, 'Host: relay', ...headers, '', ''].join('\r\n');

describe('a hostile client', () => {
  it('that is gone before its wrong key is looked at makes nothing fail', async () => {
    const lines: string[] = [];
    const log = (_facts: object, message: string): void => void lines.push(message);
    const { get } = await start({ log: { info: log, warn: log, error: log } });
    // The system knows no address of a connection that was reset, which otherwise takes luck.
    const forget = (message: unknown): void => {
      Object.defineProperty((message as { socket: Socket }).socket, 'remoteAddress', { value: undefined });
    };
    subscribe('net.server.socket', forget);
    open.push({ close: () => unsubscribe('net.server.socket', forget) });
    const wrong = { authorization: 'Bearer sk_nobody_nobody' };
    expect((await get('/v1/stream', wrong)).status).toBe(401);
    expect((await get('/v1/snapshot', wrong)).status).toBe(401);
    expect(lines.filter((line) => line.includes('failed'))).toEqual([]);
  });

  it.each<[string, readonly string[]]>([
    ['an IPv6 network', ['2001:db8::5:1:1:1:1', '2001:db8:0:5:2::1', '2001:db8::5:3:0:0:1', '2001:db8:0:5::4']],
    ['an IPv4 address in IPv6', ['192.0.2.7', '::ffff:192.0.2.7', '::FFFF:192.0.2.7', '192.0.2.7']],
  ])('is one client however %s is written', async (_what, addresses) => {
    const { get } = await start({ trustProxy: ['127.0.0.1'], limits: { failures: { perSecond: 0.001, burst: 3 } } });
    const ask = async (address: string): Promise<number> =>
      (await get('/v1/snapshot', { 'x-forwarded-for': address })).status;
    const statuses: number[] = [];
    for (const address of addresses) statuses.push(await ask(address));
    expect(statuses).toEqual([401, 401, 401, 429]);
    expect(await ask('2001:db8::6:1:1:1:1')).toBe(401);
  });

  it.each<[string, string, number]>([
    ['a snapshot', request('/v1/snapshot', `Authorization: Bearer ${KEY}`), 50],
    ['answers without a key', request('/v1/openapi.json'), 2_000],
    ['answers to what is no URL', request('/%zz'), 40_000],
  ])(
    'that never reads %s is cut',
    async (_what, head, times) => {
      const large = Array.from({ length: 40 }, (_, index) => flag(`f${index}`, 1, { note: `${index}`.repeat(25_000) }));
      const { relay } = await start({ source: memorySource(ruleset(1, large)), streams: { stallMs: 300 } });
      const socket = await dial(relay);
      socket.pause().write(head.repeat(times));
      // Who does not read learns of the end only by sending.
      while (!socket.destroyed) {
        await sleep(50);
        socket.write(head);
      }
      // Others are served as before, and in their own time.
      const slow = await dial(relay);
      slow.pause().write(request('/healthz'));
      await sleep(600);
      slow.write(request('/readyz', 'Connection: close'));
      let text = '';
      for await (const piece of slow) text += String(piece);
      expect(text.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    },
    20_000,
  );
});
