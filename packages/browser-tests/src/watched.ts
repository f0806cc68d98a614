import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { RECORDER } from './complaints.ts';

/** Script files that are kept from a page. */
export interface HeldScripts {
  /** Resolves when a page wants one. */
  readonly wanted: Promise<void>;
  readonly release: () => void;
}

/** A server of pages, seen through one that lets each keep what it complains of. */
export interface WatchedSite {
  readonly url: string;
  /** Lets no script file through from now on. */
  readonly holdScripts: () => HeldScripts;
  readonly close: () => Promise<void>;
}

/** Stands before the server at `target` and puts the recorder of complaints at the start of its pages, with their nonce. */
export async function startWatchedSite(target: () => string): Promise<WatchedSite> {
  let held: { readonly want: () => void; readonly free: Promise<void> } | undefined;
  const server = createServer((request, response) => {
    const pass = async (): Promise<void> => {
      const path = request.url ?? '/';
      if (path.endsWith('.js')) {
        held?.want();
        await held?.free;
      }
      const { headers, body, status } = await fetch(target() + path, {
        headers: { cookie: request.headers.cookie ?? '' },
      });
      const nonce = /'nonce-([^']+)'/.exec(headers.get('content-security-policy') ?? '')?.[1];
      const names = ['content-type', 'content-security-policy', 'set-cookie'];
      const kept = names.flatMap((name) => (headers.has(name) ? [[name, headers.get(name) ?? '']] : []));
      response.writeHead(status, Object.fromEntries(kept) as Record<string, string>);
      let isFirst = nonce !== undefined;
      for await (const chunk of Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0])) {
        const piece = chunk as Uint8Array;
        // The head comes in one piece.
        const text = isFirst
          ? Buffer.from(piece).toString().replace('<head>', `$&<script nonce="${nonce}">${RECORDER}</script>`)
          : piece;
        isFirst = false;
        response.write(text);
      }
      response.end();
      await finished(response);
    };
    // A page that is left while it loads ends here.
    pass().catch(() => response.destroy());
  });
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    holdScripts: () => {
      let [want, release] = [(): void => {}, (): void => {}];
      const free = new Promise<void>((resolve) => {
        release = resolve;
      });
      const wanted = new Promise<void>((resolve) => {
        want = resolve;
      });
      held = { want, free };
      return { wanted, release };
    },
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
