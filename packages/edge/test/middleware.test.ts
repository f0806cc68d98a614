import { expect, test } from 'vitest';
import { flagMiddleware } from '../src/index.ts';
import type { FlagHandler, MiddlewareOptions } from '../src/index.ts';
import { createFakeRelay, createWorld, ruleset, settle } from './world.ts';

const PAGE = '<!doctype html><head><title>x</title></head>';
const html = (headers: Record<string, string> = {}): Response =>
  new Response(PAGE, { headers: { 'content-type': 'text/html; charset=utf-8', ...headers } });
const request = (headers: Record<string, string> = {}, url = 'https://shop.test/'): Request =>
  new Request(url, { headers });

function failingConsent(): boolean {
  throw new Error('no session');
}

function failingNonce(): string {
  throw new Error('none');
}

async function serve(
  handler: FlagHandler<object>,
  of: Request = request(),
  options: MiddlewareOptions = {},
): Promise<{ response: Response; text: string; bootstrap: Record<string, unknown> | undefined }> {
  const { edge, scope } = createWorld();
  const response = await flagMiddleware(edge, handler, options)(of, scope);
  const text = await response.clone().text();
  const [, json] = /__FLAG_BOOTSTRAP__ = (.*?)<\/script>/.exec(text) ?? [];
  return { response, text, bootstrap: json === undefined ? undefined : (JSON.parse(json) as Record<string, unknown>) };
}

test('a page brings along what flags give for its visitor, who is known again', async () => {
  const first = await serve(() => html());
  expect(first.text).toMatch(/^<!doctype html><head><script>window\.__FLAG_BOOTSTRAP__ = .*<\/script><title>x/);
  expect(first.bootstrap).toMatchObject({
    version: 'v1',
    flags: { a: { value: 'one', variation: 0, variant: 'now' } },
  });
  const cookie = first.response.headers.get('set-cookie') ?? '';
  expect(cookie).toMatch(/^flags-id=[\w-]{36}; Path=\/; Max-Age=31536000; SameSite=Lax; Secure$/);
  const again = await serve(() => html(), request({ cookie: cookie.split(';')[0] ?? '' }));
  expect(again.response.headers.get('set-cookie')).toBeNull();
  expect(again.bootstrap?.['context']).toBe(first.bootstrap?.['context']);
});

test('a forged cookie is replaced by a new id', async () => {
  const { response } = await serve(
    () => html(),
    request({ cookie: `flags-id=${'<'.repeat(5_000)}` }, 'http://shop.test/'),
  );
  expect(response.headers.get('set-cookie')).toMatch(/^flags-id=[\w-]{36}; Path=\/; Max-Age=31536000; SameSite=Lax$/);
});

test.each<readonly [string, () => boolean]>([
  ['says no', () => false],
  ['fails', failingConsent],
])('where consent %s, nobody is known', async (_, consent) => {
  const seen: unknown[] = [];
  const handler: FlagHandler<object> = (_request, flags) => {
    seen.push(flags.context);
    return html();
  };
  const { response } = await serve(handler, request({ cookie: 'flags-id=abcdefgh12' }), { consent });
  expect(seen).toEqual([{}]);
  expect(response.headers.get('set-cookie')).toBeNull();
});

test('a page with flags in it is for its visitor only, and its headers fit it', async () => {
  const given = {
    etag: '"x"',
    'content-length': '44',
    'cache-control': 'public, max-age=60',
    'cdn-cache-control': 'max-age=60',
    'x-own': '1',
  };
  const { headers } = (await serve(() => html(given))).response;
  expect(headers.get('etag')).toBeNull();
  expect(headers.get('content-length')).toBeNull();
  expect(headers.get('cdn-cache-control')).toBeNull();
  expect(headers.get('cache-control')).toBe('private, no-cache');
  expect(headers.get('x-own')).toBe('1');
  const kept = await serve(() => html({ 'cache-control': 'no-store' }));
  expect(kept.response.headers.get('cache-control')).toBe('no-store');
});

test('the script has the nonce of the page’s policy, or the one that is told', async () => {
  const policy = { 'content-security-policy': "script-src 'self' 'nonce-r4nd0m+/=='" };
  expect((await serve(() => html(policy))).text).toContain('<script nonce="r4nd0m+/==">window');
  expect((await serve(() => html(), request(), { nonce: () => 'told' })).text).toContain('<script nonce="told">window');
});

test.each<readonly [string, () => string]>([
  ['cannot be one', () => '"><script>alert(1)</script>'],
  ['fails', failingNonce],
])('a nonce that %s costs the script, not the page', async (_, nonce) => {
  const { text, response } = await serve(() => html(), request(), { nonce });
  expect(text).toBe(PAGE);
  expect(response.headers.get('set-cookie')).not.toBeNull();
});

test.each([
  ['JSON', () => Response.json({ a: 1 })],
  ['a part of a page', () => new Response(PAGE, { status: 206, headers: { 'content-type': 'text/html' } })],
  ['nothing', () => new Response(null, { status: 304, headers: { 'content-type': 'text/html' } })],
  ['an error', () => Response.error()],
  ['a redirect', () => Response.redirect('https://shop.test/x')],
] as const)('%s passes untouched', async (_, make) => {
  const { edge } = createWorld();
  const response = make();
  expect(await flagMiddleware(edge, () => response)(request())).toBe(response);
});

test('a page that its maker compressed passes with the cookie alone; one that fetch decoded is read', async () => {
  const gzip = { 'content-encoding': 'gzip' };
  const made = await serve(() => html(gzip));
  expect(made.text).toBe(PAGE);
  expect(made.response.headers.get('content-encoding')).toBe('gzip');
  const fetched = await serve(() => Object.defineProperty(html(gzip), 'url', { value: 'https://origin.test/' }));
  expect(fetched.bootstrap).toBeDefined();
  expect(fetched.response.headers.get('content-encoding')).toBeNull();
});

test('only the keys that are told are brought along, or none', async () => {
  expect((await serve(() => html(), request(), { bootstrap: { keys: ['b'] } })).bootstrap?.['flags']).toEqual({});
  const none = await serve(() => html(), request({ cookie: 'flags-id=abcdefgh12' }), { bootstrap: false });
  expect(none.text).toBe(PAGE);
  expect(none.response.headers.get('cache-control')).toBeNull();
});

test('hostile values stay values', async () => {
  const hostile = '</script><script>alert(1)</script><!--\u2028ü\ud83d\ude00"__proto__"';
  const { edge, scope } = createWorld({}, createFakeRelay(ruleset(1, hostile)));
  const response = await flagMiddleware(edge, () => html())(request(), scope);
  const text = await response.text();
  const [, script = '', rest] = /^<!doctype html><head><script>(.*?)<\/script>(.*)$/s.exec(text) ?? [];
  expect(rest).toBe('<title>x</title></head>');
  expect(script).not.toMatch(/[^ -~]|<|>/);
  const { flags } = JSON.parse(script.replace('window.__FLAG_BOOTSTRAP__ = ', '')) as {
    flags: Record<string, { value: unknown }>;
  };
  expect(flags['a']?.value).toBe(hostile);
});

test('with the relay down the handler reads defaults, and its page passes', async () => {
  const { edge } = createWorld({}, createFakeRelay(undefined));
  const seen: unknown[] = [];
  const middleware = flagMiddleware(edge, (_request, flags) => {
    seen.push(flags.value('a', 'default'));
    return html();
  });
  const response = await middleware(request());
  expect(seen).toEqual(['default']);
  expect(await response.text()).toContain('"flags":{}');
});

test('errors of the handler are its own', async () => {
  const { edge } = createWorld();
  const middleware = flagMiddleware(edge, () => Promise.reject(new Error('shop is closed')));
  await expect(middleware(request())).rejects.toThrow('shop is closed');
  await settle();
});
