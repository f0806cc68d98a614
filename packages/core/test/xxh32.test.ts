import { beforeAll, describe, expect, it } from 'vitest';
import xxhash from 'xxhash-wasm';
import { xxh32 } from '../src/index.ts';
import { hashBytes } from '../src/xxh32.ts';

let oracle: Awaited<ReturnType<typeof xxhash>>;

beforeAll(async () => {
  oracle = await xxhash();
});

// Numerical Recipes' generator: the same strings in every run.
function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

describe('xxh32', () => {
  it.each([
    ['', 0x02cc5d05],
    ['a', 0x550d7456],
    ['abc', 0x32d153ff],
    ['Nobody inspects the spammish repetition', 0xe2293b2f],
  ])('gives the published hash of "%s"', (text, hash) => {
    expect(xxh32(text)).toBe(hash);
  });

  it('gives the hashes of the self-test of the xxHash project', () => {
    // Its buffer: the high bytes of a 64-bit product that grows by a prime; no text, so the hash of bytes is asked.
    const buffer = new Uint8Array(222);
    let product = 2_654_435_761n;
    for (let at = 0; at < buffer.length; at++) {
      buffer[at] = Number(product >> 56n);
      product = BigInt.asUintN(64, product * 11_400_714_785_074_694_797n);
    }
    const hashes = [0, 1, 14, 222].map((length) => hashBytes(buffer, length));
    expect(hashes).toStrictEqual([0x02cc5d05, 0xcf65b03e, 0x1208e7e2, 0x5bd11dbd]);
  });

  it('equals xxhash-wasm on 100 000 random strings of all kinds of characters', () => {
    const random = createRandom(1);
    const planes = [0x80, 0x800, 0x10000, 0x110000];
    const differing: string[] = [];
    for (let count = 0; count < 100_000; count++) {
      const plane = planes[random(4)] ?? 0;
      let text = '';
      for (let length = random(random(10) ? 40 : 300); length > 0; length--)
        text += String.fromCodePoint(random(plane));
      if (xxh32(text) !== oracle.h32(text)) differing.push(text);
    }
    expect(differing).toStrictEqual([]);
  });

  it('equals it on every length around its blocks, and on long text', () => {
    for (let length = 0; length < 130; length++) expect(xxh32('x'.repeat(length))).toBe(oracle.h32('x'.repeat(length)));
    const long = '0123456789äöü€😀'.repeat(20_000);
    expect(xxh32(long)).toBe(oracle.h32(long));
  });

  it('takes a lone surrogate for U+FFFD', () => {
    for (const lone of ['\ud800', '\udfff', 'a\udc00b', '\ud800\ud800\udc00', '\udc00\ud800']) {
      expect(xxh32(lone)).toBe(xxh32(lone.toWellFormed()));
      expect(xxh32(lone)).toBe(oracle.h32(lone.toWellFormed()));
    }
  });
});
