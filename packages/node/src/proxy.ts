import type { ClientRequest, request } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { getProxyForUrl } from 'proxy-from-env';
import { builtin } from './builtin.ts';
import type { Connecting } from './connecting.ts';
import { describe } from './problem.ts';

/** A proxy on the way. */
export interface Proxy {
  /** Without name and password. */
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The proxy that the environment names for an address (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`, in either case);
 * `undefined` when there is none, and a text when it cannot be used.
 */
export function proxyFor(target: string): Proxy | string | undefined {
  let named = '';
  try {
    named = getProxyForUrl(target);
  } catch {
    // Deno may refuse to show the environment.
  }
  if (named === '') return undefined;
  if (!URL.canParse(named)) return 'the proxy that the environment names is no address';
  const url = new URL(named);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    return `the proxy at ${url.host} is of a kind that is not supported (${url.protocol}//)`;
  }
  const headers: Record<string, string> = {};
  if (url.username !== '' || url.password !== '') {
    const login = `${decode(url.username)}:${decode(url.password)}`;
    headers['proxy-authorization'] = `Basic ${Buffer.from(login).toString('base64')}`;
    url.username = '';
    url.password = '';
  }
  return { url, headers };
}

/** Sends a request for an http address to a proxy, which reads it. */
export function requestThrough(
  { url, headers: login }: Proxy,
  target: URL,
  method: string,
  headers: Readonly<Record<string, string>>,
): ClientRequest {
  const path = `${target.origin}${target.pathname}${target.search}`;
  const all = { ...headers, host: target.host, ...login };
  return senderFor(url).request(url, { agent: false, method, path, headers: all });
}

/**
 * Has a proxy lead through to an https address, so that it sees its host and nothing of what is said. `opened` gets how to
 * connect, once the proxy agreed; `failed` gets why not. Only one is called, once, and neither after the request was destroyed.
 */
export function openTunnel(
  { url, headers }: Proxy,
  target: URL,
  connecting: Connecting,
  opened: (createConnection: () => Socket) => void,
  failed: (problem: string) => void,
): ClientRequest {
  const host = target.hostname.replace(/^\[|\]$/g, '');
  const authority = `${target.hostname}:${target.port === '' ? 443 : target.port}`;
  const options = { agent: false, method: 'CONNECT', path: authority, headers: { ...headers, host: authority } };
  const request = senderFor(url).request(url, options);
  connecting(request);
  request.on('error', (error) => failed(`the proxy: ${describe(error, url.href)}`));
  request.on('connect', ({ statusCode = 0 }, socket, head) => {
    if (statusCode !== 200) {
      socket.destroy();
      failed(refusalOf(url, statusCode));
      return;
    }
    if (head.length > 0) socket.unshift(head);
    const server = { host, servername: builtin('node:net').isIP(host) === 0 ? host : '', ALPNProtocols: ['http/1.1'] };
    opened(() => builtin('node:tls').connect({ socket, ...server, ...authorities() }));
  });
  request.end();
  return request;
}

/**
 * Whom to believe, where `NODE_EXTRA_CA_CERTS` names more: Deno minds that for requests, and forgets it for sockets. Node 20 cannot
 * tell, and needs not.
 */
function authorities(): Pick<ConnectionOptions, 'ca'> {
  const { getCACertificates } = builtin('node:tls') as { getCACertificates?: (of: 'extra' | 'default') => string[] };
  try {
    return getCACertificates?.('extra').length ? { ca: getCACertificates('default') } : {};
  } catch {
    // Deno may refuse to show them.
    return {};
  }
}

/** Why a proxy does not do as it is asked, for the log. */
export function refusalOf({ host }: URL, status: number): string {
  const why = status === 407 ? 'asks for a name and password, or for others (407)' : `refused (status ${status})`;
  return `the proxy at ${host} ${why}`;
}

function senderFor({ protocol }: URL): { readonly request: typeof request } {
  return builtin(protocol === 'https:' ? 'node:https' : 'node:http');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
