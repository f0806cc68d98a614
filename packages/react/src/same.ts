/**
 * Whether two values say the same: plain objects and arrays by their members, all else by identity. It is for values of flags and
 * what is selected from them, which are small and have an end.
 */
export function isSame(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  const kind: unknown = Object.getPrototypeOf(a);
  if (kind !== Object.getPrototypeOf(b) || !PLAIN.has(kind)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
}

const PLAIN = /* @__PURE__ */ new Set<unknown>([Object.prototype, Array.prototype, null]);

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
