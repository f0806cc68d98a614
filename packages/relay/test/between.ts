import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** What stands between a client and a relay, and passes everything on. */
export interface Between {
  readonly url: string;
  /** The paths that were asked for, without their queries, in order. */
  readonly paths: readonly string[];
}

/** Stands in front of a relay until the test is over. What `edit` changes of an answer's text is passed on as if it came from there. */
export async function standBefore(url: string, edit?: (path: string, text: string) => string): Promise<Between> {
  const paths: string[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = new URL(request.url ?? '/', url).pathname;
    paths.push(path);
    const controller = new AbortController();
    response.once('close', () => controller.abort());
    const headers = request.headers as Record<string, string>;
    const answer = await fetch(url + request.url, { headers, signal: controller.signal });
    const type = answer.headers.get('content-type') ?? '';
    response.writeHead(answer.status, { 'content-type': type });
    if (type.startsWith('text/event-stream')) {
      for await (const chunk of answer.body ?? []) response.write(chunk);
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
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}
