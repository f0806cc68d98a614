import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

const TAKE_MS = 10_000;

/** Answers what is no request that a route could see: broken, endless or too big in its head. The connection ends with it. */
export function answerBroken(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) {
    socket.destroy(error);
    return;
  }
  const { status, code, message } = failureOf(error.code);
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${body.length}`,
    'Cache-Control: no-store',
    'Connection: close',
  ];
  // Who takes nothing does not keep the connection by that.
  socket.setTimeout(TAKE_MS, () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function failureOf(code: string | undefined): {
  readonly status: number;
  readonly code: string;
  readonly message: string;
} {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 431, code: 'HEADERS_TOO_LARGE', message: 'URL and headers may have 16384 bytes together.' };
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return { status: 408, code: 'TIMEOUT', message: 'The request took too long to arrive.' };
  }
  return { status: 400, code: 'BAD_REQUEST', message: 'This is no HTTP request.' };
}
