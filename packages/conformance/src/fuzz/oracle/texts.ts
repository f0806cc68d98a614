/** A version as its precedence has it: three numbers, and the identifiers of a prerelease. */
export interface Version {
  readonly numbers: readonly bigint[];
  readonly identifiers: readonly string[];
}

const IDENTIFIER = '(?:0|[1-9]\\d*|\\d*[A-Za-z-][0-9A-Za-z-]*)';
const VERSION = new RegExp(
  `^[vV]?(0|[1-9]\\d*)(?:\\.(0|[1-9]\\d*)(?:\\.(0|[1-9]\\d*))?)?(?:-(${IDENTIFIER}(?:\\.${IDENTIFIER})*))?(?:\\+[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*)?$`,
);

/** A semantic version, with `v`, minor and patch optional; `undefined` for another text. */
export function versionOf(text: string): Version | undefined {
  const match = text.length > 256 ? null : VERSION.exec(text);
  if (!match) return undefined;
  const [, major = '0', minor = '0', patch = '0', prerelease] = match;
  return { numbers: [major, minor, patch].map(BigInt), identifiers: prerelease?.split('.') ?? [] };
}

const isNumeric = (identifier: string): boolean => /^\d+$/.test(identifier);
const sign = <T extends string | bigint>(one: T, other: T): number => (one < other ? -1 : one > other ? 1 : 0);

/** Precedence after Semantic Versioning 2.0.0, clause 11. */
export function compareVersions(one: Version, other: Version): number {
  for (const [index, number] of one.numbers.entries()) {
    const order = sign(number, other.numbers[index] ?? 0n);
    if (order) return order;
  }
  const [left, right] = [one.identifiers, other.identifiers];
  if (!left.length || !right.length) return Number(!left.length) - Number(!right.length);
  for (const [index, a] of left.entries()) {
    const b = right[index];
    if (b === undefined) return 1;
    const order =
      isNumeric(a) && isNumeric(b)
        ? sign(BigInt(a), BigInt(b))
        : isNumeric(a) !== isNumeric(b)
          ? isNumeric(a)
            ? -1
            : 1
          : sign(a, b);
    if (order) return order;
  }
  return left.length < right.length ? -1 : 0;
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:[Zz]|([+-])(\d\d):(\d\d))$/;

/** Epoch milliseconds of an RFC 3339 instant, digits beyond them cut; `undefined` for another text, or a day that does not exist. */
export function instantOf(text: string): number | undefined {
  const match = INSTANT.exec(text);
  if (!match) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)];
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
  if (day < 1 || day > days || hour > 23 || minute > 59 || second > 59) return undefined;
  if (offsetHour > 23 || offsetMinute > 59) return undefined;
  // `Date.UTC` takes years below 100 for those of the twentieth century.
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second, Number((match[7] ?? '').slice(0, 3).padEnd(3, '0')));
  const east = (offsetHour * 60 + offsetMinute) * (match[8] === '-' ? -1 : 1);
  return date.getTime() - east * 60_000;
}

function ipv4Of(text: string): bigint | undefined {
  const bytes = text.split('.');
  if (bytes.length !== 4 || !bytes.every((byte) => /^(0|[1-9]\d{0,2})$/.test(byte) && Number(byte) < 256))
    return undefined;
  return bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

const MAPPED = 0xffff_0000_0000n;

/** An address of either family as 128 bits, IPv4 mapped into IPv6; `undefined` for another text. */
export function addressOf(text: string): bigint | undefined {
  const plain = ipv4Of(text);
  if (plain !== undefined) return MAPPED + plain;
  // The last two groups may be written as IPv4.
  const last = text.lastIndexOf(':') + 1;
  const low = text.slice(last).includes('.') && last > 0 ? ipv4Of(text.slice(last)) : undefined;
  if (low === undefined && text.includes('.')) return undefined;
  const hex =
    low === undefined ? text : `${text.slice(0, last)}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  const halves = hex.split('::');
  if (halves.length > 2) return undefined;
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail];
  if (!groups.every((group) => /^[\da-fA-F]{1,4}$/.test(group))) return undefined;
  return groups.reduce((sum, group) => sum * 65_536n + BigInt(`0x${group}`), 0n);
}

/** A block of addresses: what is left of an address when its last `shift` bits are cut. */
export interface Block {
  readonly bits: bigint;
  readonly shift: bigint;
}

/** A block such as `10.0.0.0/8`; an address alone is a block of one. `undefined` for another text. */
export function blockOf(text: string): Block | undefined {
  const [address = '', prefix, more] = text.split('/');
  const width = address.includes(':') ? 128 : 32;
  if (more !== undefined || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined;
  const length = Number(prefix ?? width);
  const bits = addressOf(address);
  if (bits === undefined || length > width) return undefined;
  const shift = BigInt(width - length);
  return { bits: bits >> shift, shift };
}

/** A number as JSON writes it, leading zeros allowed; `undefined` for another text or one beyond the largest. */
export function numberOf(text: string): number | undefined {
  const number = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text) ? Number(text) : Number.NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** ASCII letters in lower case, all else as it is. */
export function foldAscii(text: string): string {
  return Array.from(text, (character) => (/^[A-Z]$/.test(character) ? character.toLowerCase() : character)).join('');
}
