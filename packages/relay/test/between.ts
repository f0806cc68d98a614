import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What stands between a client and a relay, and passes everything on. */
export interface Between {
  readonly url: string;
  /** What was asked for, in order. */
  readonly urls: readonly string[];
  /** The same without their queries. */
  readonly paths: readonly string[];
}

/** What it does beside. */
export interface Harm {
  /** What it makes of an answer's text is passed on as if it came from there. */
  readonly edit?: ((path: string, text: string) => string) | undefined;
  /** What it makes of what comes on a stream is passed on as if it came from there. */
  readonly spoil?: ((text: string) => string) | undefined;
  /** While it holds, what comes on a stream is lost, and the stream stays open. */
  readonly loses?: () => boolean;
}

/** Stands in front of a relay until the test is over. */
export async function standBefore(url: string, { edit, spoil, loses = () => false }: Harm = {}): Promise<Between> {
  const urls: string[] = [];
  const paths: string[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', url).pathname;
    urls.push(request.url ?? '');
    paths.push(path);
    const controller = new AbortController();
    response.once('close', () => controller.abort());
    const headers = request.headers as Record<string, string>;
    const answer = await fetch(url + request.url, { headers, signal: controller.signal });
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type });
    if (type.startsWith('text/event-stream')) {
      for await (const chunk of answer.body ?? []) {
        if (!loses()) response.write(spoil === undefined ? chunk : spoil(Buffer.from(chunk).toString()));
      }
      response.end();
      return;
    }
    const text = await answer.text();
    response.end(edit === undefined ? text : edit(path, text));
  };
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, urls, paths };
}
