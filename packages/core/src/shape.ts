import { fail } from './broken.ts';
import { MAX_NAME } from './limits.ts';

/** Whether `value` is a JSON object. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const isString = (value: unknown): value is string => typeof value === 'string';

/** Whether `value` is a list of strings. */
export const isStrings = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every(isString);

/** The kinds of members, a letter each. */
export const KINDS: Readonly<Record<string, (value: unknown) => boolean>> = {
  // Without holes, which are not JSON, and which `map` would pass over.
  a: (value) => Array.isArray(value) && !value.includes(undefined),
  b: (value) => typeof value === 'boolean',
  // Who may see a flag.
  c: (value) => typeof value === 'boolean' || value === 'evaluated',
  i: (value) => Number.isSafeInteger(value) && (value as number) >= 0,
  m: (value) => isObject(value) && Object.values(value).every((item) => /^[bns]/.test(typeof item)),
  // A name: text that is not empty.
  n: (value) => isString(value) && value !== '' && value.length <= MAX_NAME,
  s: isString,
  S: isStrings,
  t: (value) => isString(value) && /^(boolean|string|number|object)$/.test(value),
  v: () => true,
};

/**
 * `raw` as an object of this shape: `name:kind` for each member, `?` behind the kind of one that may be absent. Another
 * member than these sets the entry aside (unless `open`): a reader that skips what it does not know would decide wrongly.
 */
export function shape<T>(raw: unknown, members: string, open?: boolean): T {
  if (!isObject(raw)) return fail('TYPE');
  // Its own members alone: what polluted `Object.prototype` is no part of it.
  const own = Object.create(null) as Record<string, unknown>;
  for (const member of members.split(' ')) {
    const [name, kind] = member.split(':') as [string, string];
    const value = Object.hasOwn(raw, name) ? raw[name] : undefined;
    if (value !== undefined) own[name] = value;
    if (value === undefined ? kind.length < 2 : !KINDS[kind[0]!]!(value)) fail('TYPE');
  }
  if (!open && Object.keys(raw).length > Object.keys(own).length) fail('MEMBER');
  return own as T;
}

/** A pair, as slices and points are. */
export function pair<A, B>(raw: unknown): readonly [A, B] {
  return Array.isArray(raw) && raw.length === 2 ? (raw as unknown as readonly [A, B]) : fail('TYPE');
}

/** `value` when it is an integer from `min` to `max`. */
export function integer(value: unknown, min: number, max: number): number {
  return Number.isInteger(value) && (value as number) >= min && (value as number) <= max
    ? (value as number)
    : fail('VALUE');
}
