import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LookUpSegments } from '@flags/sync';
import { describe, expect, it } from 'vitest';
import { httpLookup } from '../src/http-lookup.ts';
import { open, until } from './start.ts';

interface Asked {
  readonly method: string | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** Something that is asked, and answers so. */
async function serve(answer: (response: ServerResponse) => void): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      asked.push({ method: request.method, headers: request.headers, body });
      answer(response);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/who?of=shop`, asked };
}

const question = { unit: 'ann', by: 'org.id', segments: ['beta', 'gold'] };

async function codeOf(lookUp: LookUpSegments): Promise<unknown> {
  try {
    return await lookUp(question);
  } catch (error) {
    const { code, name, message } = error as Error & { readonly code?: unknown };
    expect(message).not.toContain('ann');
    return typeof code === 'string' ? code : name;
  }
}

describe('asking an address who is in external segments', () => {
  it('posts the question with the secret, and takes the keys', async () => {
    const { url, asked } = await serve((response) => response.end('{"segments":["gold"]}'));
    expect(await httpLookup({ url, secret: 's3cret' })(question)).toEqual(['gold']);
    await httpLookup({ url })(question);
    expect(asked[0]).toMatchObject({
      method: 'POST',
      headers: { authorization: 'Bearer s3cret', 'content-type': 'application/json', accept: 'application/json' },
      body: '{"unit":"ann","by":"org.id","segments":["beta","gold"]}',
    });
    expect(asked[1]?.headers).not.toHaveProperty('authorization');
  });

  it.each<[code: string, answer: (response: ServerResponse) => void]>([
    ['HTTP_503', (response) => response.writeHead(503).end('{"segments":["gold"]}')],
    ['HTTP_204', (response) => response.writeHead(204).end()],
    ['NO_JSON', (response) => response.end('<html>')],
    ['NO_SEGMENTS', (response) => response.end('["gold"]')],
    ['NO_SEGMENTS', (response) => response.end('null')],
    ['ANSWER_TOO_LONG', (response) => response.end(`{"segments":["${'x'.repeat(65_536)}"]}`)],
    ['HTTP_307', (response) => response.writeHead(307, { location: '/elsewhere' }).end()],
    ['TypeError', (response) => response.destroy()],
  ])('says %s of any other answer', async (code, answer) => {
    const { url, asked } = await serve(answer);
    expect(await codeOf(httpLookup({ url }))).toBe(code);
    expect(asked).toHaveLength(1);
  });

  it('gives up in time', async () => {
    const { url } = await serve(() => {});
    expect(await codeOf(httpLookup({ url, timeoutMs: 50 }))).toBe('TimeoutError');
  });

  it('asks 64 questions at once; others wait for their turn, and no longer than for an answer', async () => {
    const held: ServerResponse[] = [];
    const { url, asked } = await serve((response) => void held.push(response));
    const patient = httpLookup({ url, timeoutMs: 20_000 });
    const answers = Array.from({ length: 66 }, async () => patient(question));
    await until(() => held.length === 64);
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(asked).toHaveLength(64);
    for (const response of held.splice(0, 2)) response.end('{"segments":[]}');
    await until(() => asked.length === 66);
    for (const response of held.splice(0)) response.end('{"segments":[]}');
    expect(await Promise.all(answers)).toHaveLength(66);

    const hasty = httpLookup({ url, timeoutMs: 300 });
    const late = Array.from({ length: 65 }, () => codeOf(hasty));
    expect(new Set(await Promise.all(late))).toEqual(new Set(['TimeoutError']));
    expect(await codeOf(hasty)).toBe('TimeoutError');
  });
});
