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
        path: request.url ?? '',
        headers: request.headers as Record<string, string | undefined>,
        respond: (status, headers) => void response.writeHead(status, headers),
        write: (text) => void response.write(text),
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

it('a redirect on the same origin takes the key along', () =>
  withServers([ok], async (server) => {
    server.handle((request, response) =>
      request.url === '/a' ? redirectTo('/b')(request, response) : ok(request, response),
    );
    expect(await get(`${server.url}/a`, { authorization: 'Bearer k' })).toMatchObject({ head: { status: 200 } });
    expect(server.requests.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/a', 'Bearer k'],
      ['/b', 'Bearer k'],
    ]);
  }));

it('a redirect to another origin leaves the key behind', () =>
  withServers([ok, ok], async (from, to) => {
    from.handle(redirectTo(`${to.url}/b`));
    await get(from.url, { authorization: 'Bearer k', 'last-event-id': 'p' });
    expect(to.requests[0]?.headers).toMatchObject({ 'last-event-id': 'p' });
    expect(to.requests[0]?.headers).not.toHaveProperty('authorization');
  }));

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
