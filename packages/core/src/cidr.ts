/** A block of addresses: eight 16-bit groups and how many leading bits count. IPv4 is mapped into IPv6 (RFC 4291 §2.5.5.2). */
export interface Cidr {
  readonly groups: readonly number[];
  readonly bits: number;
}

const MAPPED = [0, 0, 0, 0, 0, 0xffff];

function parseIpv4(text: string): number[] | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256))
    return undefined;
  const [a, b, c, d] = bytes.map(Number) as [number, number, number, number];
  return [a * 256 + b, c * 256 + d];
}

/** The eight groups of an IPv4 or IPv6 address, or `undefined`. */
export function parseAddress(text: string): readonly number[] | undefined {
  if (!text.includes(':')) {
    const groups = parseIpv4(text);
    return groups && [...MAPPED, ...groups];
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const sides: number[][] = [];
  for (const [index, half] of halves.entries()) {
    const side: number[] = [];
    const parts = half ? half.split(':') : [];
    for (const [at, part] of parts.entries()) {
      // Only the last part of the whole address may be written as IPv4.
      const last = index === halves.length - 1 && at === parts.length - 1;
      const groups =
        last && part.includes('.')
          ? parseIpv4(part)
          : /^[\da-f]{1,4}$/i.test(part)
            ? [Number.parseInt(part, 16)]
            : undefined;
      if (!groups) return undefined;
      side.push(...groups);
    }
    sides.push(side);
  }
  const [head = [], tail] = sides;
  if (!tail) return head.length === 8 ? head : undefined;
  const gap = 8 - head.length - tail.length;
  return gap > 0 ? [...head, ...Array<number>(gap).fill(0), ...tail] : undefined;
}

/** A block such as `10.0.0.0/8` or `2001:db8::/32`; an address alone is a block of one. */
export function parseCidr(text: string): Cidr | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const groups = parseAddress(address);
  const width = address.includes(':') ? 128 : 32;
  if (!groups || more.length || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined;
  const bits = prefix === undefined ? width : Number(prefix);
  return bits <= width ? { groups, bits: bits + 128 - width } : undefined;
}

/** Whether the block holds the address. */
export function inCidr(cidr: Cidr, groups: readonly number[]): boolean {
  for (let at = 0, bits = cidr.bits; bits > 0; at++, bits -= 16) {
    const ignored = bits < 16 ? 16 - bits : 0;
    if (cidr.groups[at]! >> ignored !== groups[at]! >> ignored) return false;
  }
  return true;
}
