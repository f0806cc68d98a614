/** A block of addresses: eight 16-bit groups and how many leading bits count. */
export type Cidr = readonly [groups: readonly number[], bits: number];

const isByte = (text: string): boolean => /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) < 256;

// What the longest address takes. Without a bound the pattern below takes quadratic time.
const MAX_ADDRESS = 45;

/** The eight groups of an IPv4 or IPv6 address, or `undefined`. IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2). */
function parseAddress(text: string): readonly number[] | undefined {
  if (text.length > MAX_ADDRESS) return undefined;
  // The last 32 bits may be written as IPv4, and are all of an IPv4 address.
  const hex = text.replace(/[^:]+\.[^:]*$/, (dotted) => {
    const bytes = dotted.split('.');
    const [a = 0, b = 0, c = 0, d = 0] = bytes.map(Number);
    const groups = `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
    return bytes.length !== 4 || !bytes.every(isByte) ? '-' : dotted === text ? `::ffff:${groups}` : groups;
  });
  const [head = [], tail, more] = hex.split('::').map((half) => (half ? half.split(':') : []));
  const gap = tail ? 8 - head.length - tail.length : 0;
  if (more || (tail && gap < 1)) return undefined;
  const groups = [...head, ...Array<string>(gap).fill('0'), ...(tail ?? [])];
  if (groups.length !== 8 || !groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return undefined;
  return groups.map((group) => Number.parseInt(group, 16));
}

/** A block such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one. */
export function parseCidr(text: string): Cidr | undefined {
  const [, address = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const groups = parseAddress(address);
  const width = address.includes(':') ? 128 : 32;
  const bits = Number(prefix ?? width);
  return groups && bits <= width ? [groups, bits + 128 - width] : undefined;
}

/** Whether the block holds the address; `undefined` when the text is no address. */
export function inCidr(address: string, [block, bits]: Cidr): boolean | undefined {
  return parseAddress(address)?.every((group, at) => {
    const ignored = Math.min(Math.max(at * 16 + 16 - bits, 0), 16);
    return group >> ignored === block[at]! >> ignored;
  });
}
