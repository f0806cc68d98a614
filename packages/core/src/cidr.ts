/** A 16-bit group, in hexadecimal, as bits. */
const bitsOf = (group: string): string => Number.parseInt(group, 16).toString(2).padStart(16, '0');

/** An IPv4 or IPv6 address as 128 digits 0 and 1, or `undefined`. IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2). */
export function parseAddress(text: string): string | undefined {
  // The last 32 bits may be written as IPv4, and are all of an IPv4 address.
  const hex = text.replace(/(^|:)(\d{1,3}(?:\.\d{1,3}){3})$/, (_, before: string, dotted: string) => {
    const bytes = dotted.split('.').map(Number);
    const [a = 0, b = 0, c = 0, d = 0] = bytes;
    // Leading zeros, which some read as octal, are gone by now.
    if (bytes.join('.') !== dotted || Math.max(...bytes) > 255) return '-';
    return `${before || '::ffff:'}${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = [], tail, more] = hex.split('::').map((half) => (half ? half.split(':') : []));
  const gap = tail ? 8 - head.length - tail.length : 0;
  if (more || (tail && gap < 1)) return undefined;
  const groups = [...head, ...Array<string>(gap).fill('0'), ...(tail ?? [])];
  return groups.length === 8 && groups.every((group) => /^[\da-f]{1,4}$/i.test(group))
    ? groups.map(bitsOf).join('')
    : undefined;
}

/** What addresses of a block such as `10.0.0.0/8` or `2001:db8::/32` start with; an address alone is a block of one. */
export function parseBlock(text: string): string | undefined {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const width = address.includes(':') ? 128 : 32;
  const bits = Number(prefix ?? width);
  return bits > width ? undefined : parseAddress(address)?.slice(0, bits + 128 - width);
}
