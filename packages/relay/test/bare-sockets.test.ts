import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { BareSockets } from '../src/bare-sockets.ts';
import { leaveSocket, serveBareSockets } from '../src/bare-sockets.ts';
import { KEY, open, start, until } from './start.ts';

interface Setup {
  readonly server: Server;
  readonly sockets: BareSockets;
  /** By whom the sockets were served that were left open and have closed since. */
  readonly closed: readonly string[];
  /** Sends the parts one after the other; gives what came back, and whether the connection has ended. */
  readonly dial: (...parts: readonly string[]) => {
    readonly socket: Socket;
    readonly text: () => string;
    readonly isClosed: () => boolean;
  };
}

/** A server that answers with what it was asked, and by whom: Node's own parser or not. `/s?stream` it leaves open. */
async function setUp(firstBytesMs?: number): Promise<Setup> {
  const closed: string[] = [];
  const server = createServer((request, response) => {
    const by = (request.socket as Socket & { parser?: object | null }).parser ? 'node' : 'bare';
    const { method, url, headers } = request;
    if (url === '/s?stream') {
      response.flushHeaders();
      leaveSocket(response, request.socket, { closed: () => closed.push(by) });
      return;
    }
    response.statusCode = url === '/s?refused' ? 401 : 200;
    response.end(JSON.stringify({ by, method, url, headers }));
  });
  const sockets = serveBareSockets(server, '/s', firstBytesMs);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  open.push({
    close: () => {
      sockets.closeAll();
      server.closeAllConnections();
      server.close();
    },
  });
  const { port } = server.address() as AddressInfo;
  return {
    server,
    sockets,
    closed,
    dial: (...parts) => {
      const socket = connect(port, '127.0.0.1');
      open.push({ close: () => socket.destroy() });
      let [text, isClosed] = ['', false];
      socket.on('data', (bytes) => (text += String(bytes))).on('error', () => undefined);
      socket.on('close', () => (isClosed = true));
      void (async () => {
        for (const part of parts) {
          socket.write(part);
          await new Promise((resolve) => void setTimeout(resolve, 30));
        }
      })();
      return { socket, text: () => text, isClosed: () => isClosed };
    },
  };
}

describe('the plain request of a stream', () => {
  it.each([
    ['GET /s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer y\r\n\r\n', { host: 'x', authorization: 'Bearer y' }],
    [
      'GET /s?since=1.2.3&key=z HTTP/1.1\r\nhost:x\r\nLast-Event-ID:  1 2 \r\n\r\n',
      { host: 'x', 'last-event-id': '1 2' },
    ],
    ['GET /s HTTP/1.0\r\n\r\n', {}],
    ['GET /s HTTP/1.1\r\nHost: x\r\n__proto__: y\r\n\r\n', { host: 'x', ['__proto__']: 'y' }],
  ])('is served without what Node keeps: %j', async (request, headers) => {
    const { dial } = await setUp();
    const { text, isClosed } = dial(request);
    await until(isClosed);
    const [head = '', body = ''] = text().split('\r\n\r\n', 2);
    expect(head.toLowerCase()).toContain('connection: close');
    const answer = JSON.parse(/\{.*\}/s.exec(body)?.[0] ?? '') as { headers: object };
    expect(answer).toMatchObject({ by: 'bare', method: 'GET' });
    expect(Object.entries(answer.headers)).toEqual(Object.entries(headers));
  });

  it('ends with its answer, also when it is refused', async () => {
    const { dial } = await setUp();
    const { text, isClosed } = dial('GET /s?refused HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(isClosed);
    expect(text()).toMatch(/^HTTP\/1\.1 401 /);
  });

  it.each(['more', ''])('leaves a stream that lasts until the client ends it, or sends %j', async (more) => {
    const { dial } = await setUp();
    const { socket, text, isClosed } = dial('GET /s?stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text().includes('\r\n\r\n'));
    await new Promise((resolve) => void setTimeout(resolve, 50));
    expect(isClosed()).toBe(false);
    if (more === '') socket.end();
    else socket.write(more);
    await until(isClosed);
  });
});

describe('a socket that is left to a stream', () => {
  it.each([
    ['bare', ''],
    ['node', 'Content-Length: 0\r\n'],
  ])('tells it once when it closes, served by %s', async (by, extra) => {
    const { dial, closed } = await setUp();
    const { socket, text } = dial(`GET /s?stream HTTP/1.1\r\nHost: x\r\n${extra}\r\n`);
    await until(() => text().includes('\r\n\r\n'));
    expect(closed).toEqual([]);
    socket.destroy();
    await until(() => closed.length > 0);
    await new Promise((resolve) => void setTimeout(resolve, 20));
    expect(closed).toEqual([by]);
  });

  it('has one listener for each event, so that none of them takes a list', async () => {
    const { server, dial } = await setUp();
    const socket = new Promise<Socket>((resolve) => void server.once('connection', resolve));
    const { text } = dial('GET /s?stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text().includes('\r\n\r\n'));
    const counts = ['close', 'data', 'end', 'error'].map(async (event) => (await socket).listenerCount(event));
    expect(await Promise.all(counts)).toEqual([1, 1, 1, 1]);
  });
});

describe('any other request', () => {
  it.each([
    ['in two parts', ['GET /s HT', 'TP/1.1\r\nHost: x\r\n\r\n'], 200],
    ['of another path', ['GET /street HTTP/1.1\r\nHost: x\r\n\r\n'], 200],
    ['of another method', ['POST /s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'], 200],
    ['with a body', ['GET /s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}'], 200],
    [
      'with two lengths',
      ['GET /s HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nTransfer-Encoding: chunked\r\n\r\n'],
      400,
    ],
    ['with a header twice', ['GET /s HTTP/1.1\r\nHost: x\r\nAuthorization: a\r\nAuthorization: b\r\n\r\n'], 200],
    ['without a host', ['GET /s HTTP/1.1\r\n\r\n'], 400],
    ['with a header that is none', ['GET /s HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n'], 400],
    ['with a folded header', ['GET /s HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n'], 400],
    ['with bare line feeds', ['GET /s HTTP/1.1\nHost: x\r\n\r\n'], 400],
    ['that is long', [`GET /s HTTP/1.1\r\nHost: x\r\nA: ${'a'.repeat(9_000)}\r\n\r\n`], 200],
    ['that is no HTTP', ['\u0016\u0003\u0001'], 400],
  ])('goes to Node as it came: one %s', async (_name, parts, status) => {
    const { dial } = await setUp();
    const { text } = dial(...parts);
    await until(() => text().includes('\r\n\r\n'));
    expect(Number(/^HTTP\/1\.1 (\d+) /.exec(text())?.[1])).toBe(status);
    if (status !== 200) return;
    await until(() => text().includes('}'));
    expect(text()).toContain('"by":"node"');
  });

  it('may be followed by more on its connection, also by that of a stream', async () => {
    const { dial } = await setUp();
    const other = 'GET /other HTTP/1.1\r\nHost: x\r\n\r\n';
    const { text } = dial(other, other, 'GET /s HTTP/1.1\r\nHost: x\r\n\r\n');
    await until(() => text().endsWith('}') && text().includes('"url":"/s"'));
    expect(text().split('"by":"node"')).toHaveLength(4);
  });
});

describe('a connection that asks for nothing', () => {
  it('is closed after a while', async () => {
    const { dial } = await setUp(100);
    const [silent, other] = [dial(), dial('GET /s?stream HTTP/1.1\r\nHost: x\r\n\r\n')];
    await until(silent.isClosed);
    await new Promise((resolve) => void setTimeout(resolve, 150));
    expect(other.isClosed()).toBe(false);
  });

  it('is closed with the relay, at once', async () => {
    const { relay } = await start();
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    await new Promise((resolve) => void socket.once('connect', resolve));
    await (await fetch(`${relay.url}/healthz`)).text();
    const before = performance.now();
    await relay.close();
    expect(performance.now() - before).toBeLessThan(1_500);
  });
});

describe('GET /v1/stream on a bare socket', () => {
  it('asks for a key as any other, and counts who has none', async () => {
    const { relay, get } = await start();
    const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
    let text = '';
    socket.on('data', (bytes) => (text += String(bytes)));
    socket.write('GET /v1/stream HTTP/1.1\r\nHost: x\r\n\r\n');
    await new Promise((resolve) => void socket.once('close', resolve));
    expect(text).toMatch(/^HTTP\/1\.1 401 .*KEY_MISSING/s);
    expect(await (await get('/metrics')).text()).toContain('flags_relay_rejects_total{reason="KEY_MISSING"} 1');
  });

  it('gives the same head as a stream that Node serves', async () => {
    const { relay } = await start();
    const heads: string[] = [];
    for (const extra of ['', 'Content-Length: 0\r\n']) {
      const socket = connect(Number(new URL(relay.url).port), '127.0.0.1');
      open.push({ close: () => socket.destroy() });
      let text = '';
      socket.on('data', (bytes) => (text += String(bytes)));
      socket.write(`GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${KEY}\r\n${extra}\r\n`);
      await until(() => text.includes('HEARTBEAT'));
      heads.push(text.slice(0, text.indexOf('\r\n\r\n')).replace(/Date: .*/, ''));
    }
    expect(heads[0]).toBe(heads[1]);
  });
});
