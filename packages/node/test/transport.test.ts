import { text } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { test as it, expect } from 'vitest';
import { describeTransport } from '@flags/sync/testing';
import type { ResponseHead } from '@flags/sync';
import { createHttpTransport } from '../src/transport.ts';
import { startServer } from './server.ts';
import type { Handler, TestServer } from './server.ts';

describeTransport({
  test: (name, body) => {
    // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- the suite throws by itself and names its tests
    it(name, body);
  },
  createTransport: createHttpTransport,
  serve: (handle) =>
    startServer((request, response) =>
      handle({
        method: request.method ?? '',
        path: request.url ?? '',
        body: text(request),
        headers: request.headers as Record<string, string | undefined>,
        respond: (status, headers) => void response.writeHead(status, headers),
        write: (piece) => void response.write(piece),
        end: () => void response.end(),
        cut: () => void response.destroy(),
        gone: new Promise((resolve) => {
          response.on('close', resolve);
        }),
      }),
    ),
});

function get(url: string, headers: Record<string, string> = {}): Promise<{ head?: ResponseHead; problem?: string }> {
  return new Promise((resolve) => {
    let head: ResponseHead | undefined;
    createHttpTransport().open(
      { url, headers },
      {
        response: (response) => {
          head = response;
        },
        bytes: () => {},
        end: (problem) => resolve({ ...(head && { head }), ...(problem !== undefined && { problem }) }),
      },
    );
  });
}

async function withServers(handlers: Handler[], body: (...servers: TestServer[]) => Promise<void>): Promise<void> {
  const servers = await Promise.all(handlers.map((handler) => startServer(handler)));
  try {
    await body(...servers);
  } finally {
    await Promise.all(servers.map((server) => server.close()));
  }
}

const redirectTo =
  (location: string): Handler =>
  (_, response) =>
    void response.writeHead(307, { location }).end();
const ok: Handler = (_, response) => void response.writeHead(200, { 'content-type': 'text/plain' }).end('ok');

it('redirects end after three, and never lead to another protocol or nowhere', () =>
  withServers([ok], async (server) => {
    for (const location of ['/again', 'ftp://127.0.0.1/', 'http://[']) {
      server.handle(redirectTo(location));
      expect(await get(server.url)).toEqual({ problem: 'a redirect that cannot be followed' });
    }
    expect(server.requests).toHaveLength(4 + 1 + 1);
    server.handle((_, response) => void response.writeHead(302).end());
    expect(await get(server.url)).toMatchObject({ head: { status: 302 } });
  }));

it('a request that cannot even be made is a problem, not a throw', async () => {
  expect(await get('http://[')).toEqual({ problem: 'ERR_INVALID_URL' });
  expect(await get('http://127.0.0.1:1', { authorization: 'line\r\nbreak' })).toEqual({
    problem: 'ERR_INVALID_CHAR at 127.0.0.1:1',
  });
});

it('asks for compressed polls, and for streams as they are', () =>
  withServers([ok], async (server) => {
    for (const accept of ['application/json', 'text/event-stream']) await get(server.url, { accept });
    expect(server.requests.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip, br', 'identity']);
  }));

it('what inflates without end is a problem, and so is an encoding that was not asked for', () =>
  withServers([ok], async (server) => {
    const bomb = gzipSync(Buffer.alloc(60_000_000));
    const send =
      (encoding: string): Handler =>
      (_, response) =>
        void response.writeHead(200, { 'content-encoding': encoding }).end(bomb);
    server.handle(send('gzip'));
    expect(await get(server.url)).toMatchObject({ problem: 'the answer inflates to more than 50331648 bytes' });
    server.handle(send('compress'));
    expect(await get(server.url)).toMatchObject({
      problem: 'the answer is compressed in a way that was not asked for',
    });
  }));
