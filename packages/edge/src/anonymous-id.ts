/** The cookie that carries an anonymous id, when not told otherwise. */
export const ANONYMOUS_ID_COOKIE = 'flags-id';

// What this package makes, and what others may have made before: short, and harmless wherever it is put.
const ID = /^[\w-]{8,64}$/;
// Servers take no more than this in one header, as a rule.
const LONGEST = 32_768;

/** The anonymous id in a request's cookies; `undefined` when there is none, or something that can be none. */
export function readAnonymousId(
  request: Pick<Request, 'headers'>,
  name: string = ANONYMOUS_ID_COOKIE,
): string | undefined {
  const cookies = request.headers.get('cookie');
  if (cookies === null || cookies.length > LONGEST) return undefined;
  for (const pair of cookies.split(';')) {
    const [key = '', value = ''] = pair.split('=', 2);
    if (key.trim() === name && ID.test(value.trim())) return value.trim();
  }
  return undefined;
}
