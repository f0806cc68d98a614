import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import type { Started } from './start.ts';
import { CLIENT_KEY, open, start, until } from './start.ts';

const STREAMS = 200;
const HEAD_BYTES = 7_000;

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc') as () => void;

/** Bytes that each of so many streams keeps on the heap, on both of its ends. */
async function bytesOfStream({ relay }: Started, lines: string): Promise<number> {
  gc();
  const before = process.memoryUsage().heapUsed;
  let ready = 0;
  const { port } = new URL(relay.url);
  for (let left = STREAMS; left > 0; left -= 1) {
    const socket: Socket = connect(Number(port), '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    socket.once('data', () => (ready += 1)).resume();
    socket.write(`GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${CLIENT_KEY}\r\n${lines}\r\n`);
  }
  await until(() => ready === STREAMS && relay.streams >= STREAMS);
  gc();
  return (process.memoryUsage().heapUsed - before) / STREAMS;
}

it('is not that of the request it came with, wherever it resumes', async () => {
  const started = await start();
  const first = await started.stream(`/v1/stream?key=${CLIENT_KEY}`, {});
  const { id } = await first.next();
  const pad = `x-pad: ${'x'.repeat(HEAD_BYTES)}\r\n`;
  await bytesOfStream(started, '');
  const usual = await bytesOfStream(started, '');
  const resumed = await bytesOfStream(started, `Last-Event-ID: ${id}\r\n${pad}`);
  // What no client key can see: whoever stands before it stands at the head's state, and is sent nothing.
  started.source.apply({ version: 2, flags: { f0: null } });
  const earlier = await bytesOfStream(started, `Last-Event-ID: ${id}\r\n${pad}`);
  expect(Math.max(resumed, earlier) - usual).toBeLessThan(HEAD_BYTES / 4);
});
