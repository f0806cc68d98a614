import canonicalizeModule from 'canonicalize';

// Its types describe an ES module; what it exports is the function itself.
const canonical = canonicalizeModule as unknown as (value: unknown) => string | undefined;

/** The canonical form of a JSON value (RFC 8785, JCS): one text for equal values, whatever the order of their members. */
export function canonicalize(value: unknown): string {
  const text = canonical(value);
  if (text === undefined) throw new TypeError('Only JSON values have a canonical form.');
  return text;
}
