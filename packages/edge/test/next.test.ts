import { expect, test } from 'vitest';
import { BOOTSTRAP_HEADER, bootstrapOf, flagMiddleware } from '../src/next/index.ts';
import type { ChooseRoute, NextOptions } from '../src/next/index.ts';
import { createFakeRelay, createWorld, ruleset } from './world.ts';

const request = (headers: Record<string, string> = {}): Request =>
  new Request('https://shop.test/cart?x=1', { headers });

async function serve(choose: ChooseRoute<object>, of = request(), options: NextOptions = {}): Promise<Response> {
  const { edge, scope } = createWorld();
  return flagMiddleware(edge, choose, options)(of, scope);
}

test('a request goes on, and the page sees the id of a new visitor as if it had been there', async () => {
  const { headers } = await serve(
    () => undefined,
    request({ cookie: 'a=b', 'x-own': '1', 'x-flags-bootstrap': 'forged' }),
  );
  expect(headers.get('x-middleware-next')).toBe('1');
  const [, id] = /^flags-id=([\w-]{36}); Path=\//.exec(headers.get('set-cookie') ?? '') ?? [];
  expect(headers.get('x-middleware-request-cookie')).toBe(`a=b; flags-id=${id}`);
  expect(headers.get('x-middleware-request-x-own')).toBe('1');
  expect(headers.get('x-middleware-override-headers')?.split(',').sort()).toEqual(['cookie', 'x-own']);
});

test('a visitor who is known is not given another id', async () => {
  const { headers } = await serve(() => undefined, request({ cookie: 'flags-id=abcdefgh12' }));
  expect(headers.get('set-cookie')).toBeNull();
  expect(headers.get('x-middleware-request-cookie')).toBe('flags-id=abcdefgh12');
});

test('a flag decides where a request goes', async () => {
  const rewritten = await serve((_request, flags) => `/${flags.value('a', 'default')}`);
  expect(rewritten.headers.get('x-middleware-rewrite')).toBe('https://shop.test/one');
  expect(rewritten.headers.get('x-middleware-next')).toBeNull();
  const away = await serve(() => new URL('https://other.test/x'));
  expect(away.headers.get('x-middleware-rewrite')).toBe('https://other.test/x');
  const redirected = await serve(() => Response.redirect('https://shop.test/x'));
  expect(redirected.status).toBe(302);
  expect(redirected.headers.get('location')).toBe('https://shop.test/x');
  expect(redirected.headers.get('set-cookie')).toContain('flags-id=');
});

test.each([
  '//evil.test/x',
  'https://evil.test',
  '\\\\evil.test',
  'javascript:alert(1)',
  'blob:https://shop.test/x',
  '//',
  'http://[',
])('a text leads to no other site: %s', async (text) => {
  const { edge } = createWorld({}, createFakeRelay(ruleset(1, text)));
  const { headers } = await flagMiddleware(edge, (_request, flags) => flags.value('a', ''))(request());
  expect(headers.get('x-middleware-rewrite')).toBeNull();
  expect(headers.get('x-middleware-next')).toBe('1');
});

test('pages are told what flags give, in ASCII, unless it is too long', async () => {
  const { edge } = createWorld({}, createFakeRelay(ruleset(1, 'grün')));
  const { headers } = await flagMiddleware(edge, () => undefined, { bootstrap: true })(request());
  const text = headers.get('x-middleware-request-x-flags-bootstrap') ?? '';
  expect(text).toMatch(/^[ -~]+$/);
  expect(JSON.parse(text)).toMatchObject({ flags: { a: { value: 'grün' } } });
  const long = createWorld({}, createFakeRelay(ruleset(1, 'x'.repeat(9_000))));
  const without = await flagMiddleware(long.edge, () => undefined, { bootstrap: { keys: ['a'] } })(request());
  expect(without.headers.get('x-middleware-request-x-flags-bootstrap')).toBeNull();
});

test('a page reads what it is told, and nothing else', () => {
  const told = { flags: { a: { value: 'grün' } }, at: 1 };
  expect(
    bootstrapOf(new Headers({ [BOOTSTRAP_HEADER]: JSON.stringify(told).replace('ü', String.raw`\u00fc`) })),
  ).toEqual(told);
  expect(bootstrapOf(new Headers())).toBeUndefined();
  for (const text of ['', '{', 'null', '[]', '{"flags":1}', '{"ruleset":{"flags":{}}}'])
    expect(bootstrapOf(new Headers({ [BOOTSTRAP_HEADER]: text })), text).toBeUndefined();
});

test.each([{}, { cookie: 'flags-id=abcdefgh12' }])(
  'headers may be added to a redirect, with cookies %o',
  async (cookies) => {
    const { headers } = await serve(() => Response.redirect('https://shop.test/x'), request(cookies));
    headers.set('content-security-policy', "default-src 'none'");
    expect(headers.get('location')).toBe('https://shop.test/x');
  },
);

test('what decides may ask for the request that Next gives', async () => {
  interface NextRequest extends Request {
    readonly nextUrl: URL;
  }
  const { edge } = createWorld();
  const middleware = flagMiddleware(edge, ({ nextUrl }: NextRequest) => `${nextUrl.pathname}/new`);
  const given = Object.assign(request(), { nextUrl: new URL('https://shop.test/cart') });
  expect((await middleware(given)).headers.get('x-middleware-rewrite')).toBe('https://shop.test/cart/new');
  // @ts-expect-error A plain request has not what it asks for.
  await expect(middleware(request())).rejects.toThrow(TypeError);
});

/** As `NextResponse.next({ request })` says that a request goes on with these headers. */
function nextWith(passed: Headers): Response {
  const headers = new Headers({ 'x-middleware-next': '1', 'x-own': '1' });
  for (const [name, value] of passed) headers.set(`x-middleware-request-${name}`, value);
  headers.set('x-middleware-override-headers', [...passed.keys()].join());
  return new Response(null, { headers });
}

test.each<[how: string, choose: ChooseRoute<object>, passed: string]>([
  [
    'a rewrite',
    () => new Response(null, { headers: { 'x-middleware-rewrite': 'https://shop.test/new' } }),
    'cookie,x-flags-bootstrap,x-more',
  ],
  ['what is passed on as it came', (of) => nextWith(of.headers), 'cookie,x-flags-bootstrap,x-more'],
  ['what is passed on in part', () => nextWith(new Headers({ 'x-added': '1' })), 'cookie,x-added,x-flags-bootstrap'],
])('what a visitor says in the place of the middleware goes no further: %s of Next', async (_how, choose, passed) => {
  const forged = JSON.stringify({ flags: { a: { value: 'forged' } } });
  const of = request({ 'x-flags-bootstrap': forged, 'x-more': '1' });
  const { headers } = await serve(choose, of, { bootstrap: true });
  const told = (among: Headers): unknown => JSON.parse(among.get('x-middleware-request-x-flags-bootstrap') ?? 'null');
  expect(told(headers)).toMatchObject({ flags: { a: { value: 'one' } } });
  expect(headers.get('x-middleware-override-headers')?.split(',').sort().join()).toBe(passed);
  expect(headers.get('x-middleware-request-cookie')).toMatch(/^flags-id=[\w-]{36}$/);
  const without = await serve(choose, of);
  expect(told(without.headers)).toBeNull();
  expect(without.headers.get('x-middleware-override-headers')).not.toContain('x-flags-bootstrap');
});

test('with the relay down requests go on', async () => {
  const { edge } = createWorld({}, createFakeRelay(undefined));
  const { headers } = await flagMiddleware(edge, (_request, flags) => (flags.value('a', '') === '' ? undefined : '/x'))(
    request(),
  );
  expect(headers.get('x-middleware-next')).toBe('1');
});
