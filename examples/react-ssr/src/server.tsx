// The server: a page for each request, with its flags in it. It is built into one file; see build.ts.
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { renderToPipeableStream } from 'react-dom/server';
import { createClient } from '@flags/node';
import { bootstrapText, requestFlags, scriptLiteral } from '@flags/react/server';
import type { Shop, ShopOptions } from '../index.ts';
import { Page, type PageProps } from './page.tsx';
import { loadSuggestions } from './products.ts';
import { userOf } from './users.ts';

const CLIENT = join(import.meta.dirname, '../client');
const TYPES: Readonly<Record<string, string>> = { '.js': 'text/javascript', '.css': 'text/css' };
const RENDER_WITHIN_MS = 10_000;
const LONGEST_FORM = 1_000;

interface Entry {
  readonly file: string;
  readonly css?: readonly string[];
}

/** What browsers load, by path. Names carry hashes, so they may be kept for ever. */
function readAssets(): ReadonlyMap<string, Buffer> {
  const names = readdirSync(join(CLIENT, 'assets'));
  return new Map(names.map((name) => [`/assets/${name}`, readFileSync(join(CLIENT, 'assets', name))]));
}

/** Scripts need the nonce of this very response. Style attributes may be set, since one flag is a colour; they run nothing. */
function policy(nonce: string, relayUrl: string): string {
  return [
    "default-src 'none'",
    `script-src 'self' 'nonce-${nonce}'`,
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    'img-src data:',
    `connect-src ${new URL(relayUrl).origin}`,
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += String(chunk);
    if (text.length > LONGEST_FORM) break;
  }
  return new URLSearchParams(text);
}

/** Opens the shop. */
export async function startShop(options: ShopOptions): Promise<Shop> {
  const { relayUrl, serverKey, clientKey, port, cache } = options;
  const assets = readAssets();
  const manifest = JSON.parse(readFileSync(join(CLIENT, 'manifest.json'), 'utf8')) as Record<string, Entry>;
  const { file, css = [] } = manifest['src/client.tsx'] as Entry;
  const styles = css.map((name) => `/${name}`);
  // One for the life of the process: every request reads from memory.
  const client = createClient({ url: relayUrl, key: serverKey, ...(cache !== undefined && { cache }) });

  async function sendPage(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const user = userOf(/(?:^|;\s*)user=(\w+)/.exec(request.headers.cookie ?? '')?.[1]);
    const flags = await requestFlags(client, user.context, { details: true });
    const nonce = randomBytes(16).toString('base64');
    const page: PageProps = { userId: user.id, relay: { url: relayUrl, key: clientKey }, styles };
    const stream = renderToPipeableStream(
      <Page {...page} bootstrap={flags.bootstrap} suggestions={loadSuggestions()} />,
      {
        nonce,
        bootstrapScriptContent: `${bootstrapText(flags.bootstrap)};window.shop=${scriptLiteral(page)}`,
        bootstrapModules: [`/${file}`],
        onShellReady: () => {
          response.writeHead(200, {
            'content-type': 'text/html; charset=utf-8',
            'content-security-policy': policy(nonce, relayUrl),
            // It is somebody's page, and its nonce is good once.
            'cache-control': 'private, no-store',
          });
          stream.pipe(response);
        },
        onShellError: () => response.writeHead(500).end('The page could not be rendered.'),
        onError: (error) => {
          if (!response.destroyed) console.error(error);
        },
      },
    );
    const late = setTimeout(() => stream.abort(), RENDER_WITHIN_MS);
    response.on('close', () => {
      clearTimeout(late);
      stream.abort();
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '/', 'http://shop');
    const asset = assets.get(pathname);
    response.setHeader('x-content-type-options', 'nosniff');
    if (asset) {
      const type = TYPES[extname(pathname)] ?? 'application/octet-stream';
      response
        .writeHead(200, { 'content-type': type, 'cache-control': 'public, max-age=31536000, immutable' })
        .end(asset);
    } else if (pathname === '/user' && request.method === 'POST') {
      const { id } = userOf((await formOf(request)).get('user'));
      response.writeHead(303, { location: '/', 'set-cookie': `user=${id}; Path=/; SameSite=Lax` }).end();
    } else if (pathname === '/' && request.method === 'GET') await sendPage(request, response);
    else response.writeHead(404).end('There is nothing here.');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      console.error(error);
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, '127.0.0.1', resolve);
  }).catch(async (error: unknown) => {
    await client.close();
    throw error;
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      setTimeout(() => server.closeAllConnections(), 1_000).unref();
      await Promise.all([closed, client.close()]);
    },
  };
}
