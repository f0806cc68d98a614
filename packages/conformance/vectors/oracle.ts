import xxhash from 'xxhash-wasm';

const { h32 } = await xxhash();

/** Texts of every kind that a unit or a salt may be. */
export const TEXTS: readonly string[] = [
  '',
  'a',
  'user-1',
  'user-2',
  '550e8400-e29b-41d4-a716-446655440000',
  'ann@example.com',
  'a:b',
  ' ',
  '\0',
  '\u007f',
  '\u0080',
  'José Peña',
  'Jose\u0301',
  'ÅÄÖ-ßß',
  'Ω≈ç√∫',
  '用户一',
  'ユーザー',
  '사용자',
  '\uffff',
  '😀',
  '👩‍👩‍👧‍👦',
  '🇩🇪🇫🇷',
  '\u{10ffff}',
  '\ud800',
  '\udc00',
  'a\ud83db',
  '\udc00\ud800',
  '__proto__',
  'constructor',
  '42',
  'x'.repeat(15),
  'x'.repeat(16),
  'x'.repeat(17),
  'x'.repeat(47),
  'x'.repeat(48),
  'x'.repeat(49),
  'long/'.repeat(60),
  '長い'.repeat(80),
];

/** XXH32 with seed 0 of UTF-8, by the reference C code compiled to WebAssembly. */
export function hashOf(text: string): number {
  return h32(text.toWellFormed());
}

/** The bucket of a unit in whole numbers: no rounding anywhere. */
export function bucketOf(salt: string, unit: string, total: number): number {
  return Number((BigInt(hashOf(`${salt}:${unit}`)) * BigInt(total)) >> 32n);
}

/** The name of the slice that holds the bucket. */
export function sliceOf(slices: readonly (readonly [name: string, width: number])[], bucket: number): string {
  let end = 0;
  for (const [name, width] of slices) {
    end += width;
    if (bucket < end) return name;
  }
  throw new RangeError(`No slice holds ${bucket}`);
}

/** The width a progress has reached, in whole numbers: the line between two points, rounded down. */
export function widthAt(points: readonly (readonly [at: string, width: number])[], now: number): number {
  const line = points.map(([at, width]) => [BigInt(Date.parse(at)), BigInt(width)] as const);
  const time = BigInt(now);
  const before = line.findLast(([at]) => at <= time);
  const after = line.find(([at]) => at > time);
  if (!before || !after) return Number((before ?? after)?.[1]);
  const [rise, run] = [(after[1] - before[1]) * (time - before[0]), after[0] - before[0]];
  // BigInt rounds towards zero; a falling line has to round down too.
  const down = rise < 0n && rise % run !== 0n ? 1n : 0n;
  return Number(before[1] + rise / run - down);
}

/** A generator of random numbers that gives the same ones in every run (Numerical Recipes). */
export function createRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
