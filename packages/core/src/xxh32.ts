const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;

const rotate = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

const word = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

const round = (lane: number, input: number): number =>
  Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);

/**
 * XXH32 with seed 0 of the first `length` bytes, as an unsigned 32-bit integer.
 * Source: xxHash specification 0.1.1, "XXH32 algorithm description".
 */
export function hashBytes(bytes: Uint8Array, length: number): number {
  let hash = PRIME_5;
  let at = 0;
  if (length >= 16) {
    let a = (PRIME_1 + PRIME_2) | 0;
    let b = PRIME_2 | 0;
    let c = 0;
    let d = -PRIME_1 | 0;
    for (; at + 16 <= length; at += 16) {
      a = round(a, word(bytes, at));
      b = round(b, word(bytes, at + 4));
      c = round(c, word(bytes, at + 8));
      d = round(d, word(bytes, at + 12));
    }
    hash = rotate(a, 1) + rotate(b, 7) + rotate(c, 12) + rotate(d, 18);
  }
  hash = (hash + length) | 0;
  for (; at + 4 <= length; at += 4) {
    hash = Math.imul(rotate((hash + Math.imul(word(bytes, at), PRIME_3)) | 0, 17), PRIME_4);
  }
  for (; at < length; at++) hash = Math.imul(rotate((hash + Math.imul(bytes[at]!, PRIME_5)) | 0, 11), PRIME_1);
  hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
  hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** The UTF-8 form of `text`; a lone surrogate becomes U+FFFD, as in WHATWG Encoding. */
export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  // Iterating a string yields code points, and a lone surrogate as itself.
  for (const character of text) {
    let code = character.codePointAt(0)!;
    if (code >> 11 === 27) code = 0xfffd;
    let more = code < 0x80 ? 0 : code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    // As many leading ones as the sequence has bytes, then six bits a byte.
    bytes.push(more ? (256 - (128 >> more)) | (code >> (6 * more)) : code);
    while (more--) bytes.push(128 | ((code >> (6 * more)) & 63));
  }
  return Uint8Array.from(bytes);
}

/** XXH32 with seed 0 of the UTF-8 form of `text`, as an unsigned 32-bit integer. */
export function xxh32(text: string): number {
  const bytes = encodeUtf8(text);
  return hashBytes(bytes, bytes.length);
}
