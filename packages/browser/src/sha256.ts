/**
 * SHA-256 of a text's UTF-8, as 64 hexadecimal digits. Source: FIPS 180-4, section 6.2. Browsers have it too, but only as a promise,
 * and only on secure origins; a cache is read before the first paint.
 */
export function sha256(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const { length } = bytes;
  const words = new Uint32Array((((length + 8) >> 6) + 1) << 4);
  for (let at = 0; at < length; at++) words[at >> 2]! |= bytes[at]! << (24 - ((at & 3) << 3));
  words[length >> 2]! |= 0x80 << (24 - ((length & 3) << 3));
  words[words.length - 2] = Math.floor(length / 2 ** 29);
  words[words.length - 1] = length << 3;
  const { rounds, start } = CONSTANTS;
  const hash = Int32Array.from(start);
  const schedule = new Int32Array(64);
  for (let block = 0; block < words.length; block += 16) {
    let [a, b, c, d, e, f, g, h] = hash as unknown as Eight;
    for (let round = 0; round < 64; round++) {
      const word = round < 16 ? words[block + round]! | 0 : extend(schedule, round);
      schedule[round] = word;
      const mixed = (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g));
      const one = (h + mixed + rounds[round]! + word) | 0;
      const two = (turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
      h = g;
      g = f;
      f = e;
      e = (d + one) | 0;
      d = c;
      c = b;
      b = a;
      a = (one + two) | 0;
    }
    const after: Eight = [a, b, c, d, e, f, g, h];
    for (let at = 0; at < 8; at++) hash[at]! += after[at]!;
  }
  return Array.from(hash, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

type Eight = [number, number, number, number, number, number, number, number];

const turn = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function extend(schedule: Int32Array, round: number): number {
  const early = schedule[round - 15]!;
  const late = schedule[round - 2]!;
  const sigma0 = turn(early, 7) ^ turn(early, 18) ^ (early >>> 3);
  const sigma1 = turn(late, 17) ^ turn(late, 19) ^ (late >>> 10);
  return (schedule[round - 16]! + sigma0 + schedule[round - 7]! + sigma1) | 0;
}

/**
 * The constants of the standard, from where it has them: the first 32 bits of the fractions of roots of the first primes. Doubles
 * hold them exactly.
 */
function createConstants(): { readonly rounds: Int32Array; readonly start: Int32Array } {
  const fraction = (root: number): number => ((root % 1) * 2 ** 32) | 0;
  const primes: number[] = [];
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime > 0)) primes.push(number);
  }
  return {
    rounds: Int32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    start: Int32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime))),
  };
}

const CONSTANTS = /* @__PURE__ */ createConstants();
