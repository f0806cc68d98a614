import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { sendCompressed } from '../src/routes/compressed.ts';

it('compresses a body once for each encoding, however many ask at the same time', async () => {
  const body = Buffer.from(JSON.stringify({ text: 'flags '.repeat(1_000) }));
  const sent = new Map<string, Set<unknown>>();
  const app = fastify();
  app.addHook('onSend', async (_request, reply, payload) => {
    const encoding = String(reply.getHeader('content-encoding'));
    sent.set(encoding, (sent.get(encoding) ?? new Set()).add(payload));
  });
  app.get('/', async (request, reply) => sendCompressed(request, reply, body));
  const ask = async (encoding: string): Promise<Buffer> =>
    (await app.inject({ url: '/', headers: { 'accept-encoding': encoding } })).rawPayload;
  const asked = ['br', 'gzip', 'br', 'gzip', 'br', 'gzip'];
  const [br = body, gzip = body] = await Promise.all(asked.map(ask));
  await ask('br');
  expect([brotliDecompressSync(br), gunzipSync(gzip)]).toEqual([body, body]);
  expect([sent.get('br')?.size, sent.get('gzip')?.size, sent.size]).toEqual([1, 1, 2]);
});
