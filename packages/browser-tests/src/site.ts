import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { build } from 'esbuild';
import { RECORDER } from './complaints.ts';

/** A server of pages on its own origin. */
export interface Site {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** The pages' program, as users build theirs: the files of its script by path. */
async function bundle(program: string): Promise<ReadonlyMap<string, string>> {
  const outdir = '/';
  const { outputFiles } = await build({
    entryPoints: { page: resolve(import.meta.dirname, program) },
    bundle: true,
    splitting: true,
    minify: true,
    write: false,
    outdir,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    conditions: ['@flags/source'],
  });
  return new Map(outputFiles.map(({ path, text }) => [path, text]));
}

/**
 * Serves pages under a strict content security policy: no `unsafe-eval`, no `wasm-unsafe-eval`, and inline only what has the nonce.
 *
 * @param head What stands in the head of `/with-head` before the program.
 * @param program The file in this folder that pages run.
 */
export async function startSite(head = '', program = 'page.ts'): Promise<Site> {
  const scripts = await bundle(program);
  const server = createServer(({ url = '/' }, response) => {
    const script = scripts.get(url);
    if (script !== undefined) {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(script);
      return;
    }
    response.writeHead(200, {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; script-src 'self' 'nonce-r4nd0m'; connect-src http://127.0.0.1:*",
    });
    const extra = url === '/with-head' ? head : '';
    response.end(
      `<!doctype html><title>page</title><script nonce="r4nd0m">${RECORDER}</script>${extra}<script type="module" src="/page.js"></script>`,
    );
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
