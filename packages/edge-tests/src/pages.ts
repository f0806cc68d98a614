import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

/** A page that comes in two parts, the second only when it is told to; `/gzip` is one that is compressed, whole. */
export interface Pages {
  readonly url: string;
  finish(): void;
  close(): void;
}

/** Starts a server of pages. */
export async function startPages(): Promise<Pages> {
  const waiting: (() => void)[] = [];
  const server = createServer((request, response) => {
    const headers = { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'public, max-age=60' };
    const [start, end] = ['<!doctype html><html><he', 'ad><title>ü</title></head><p>first</p>'];
    if (request.url === '/gzip') {
      response.writeHead(200, { ...headers, 'content-encoding': 'gzip' }).end(gzipSync(`${start}${end}`));
      return;
    }
    response.writeHead(200, headers);
    response.write(start);
    setTimeout(() => response.write(end), 20);
    waiting.push(() => response.end('<p>last</p>'));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    finish: () => {
      for (const finish of waiting.splice(0)) finish();
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Reads what of a page has come once this is in it. */
export async function readUntil(response: Response, needle: string): Promise<{ text: string; rest: Promise<string> }> {
  const reader = (response.body as ReadableStream<Uint8Array>).getReader();
  const decoder = new TextDecoder();
  let text = '';
  while (!text.includes(needle)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`The page ended without ${needle}: ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  const readRest = async (): Promise<string> => {
    let rest = '';
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return rest;
      rest += decoder.decode(value, { stream: true });
    }
  };
  return { text, rest: readRest() };
}
