import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import { precompute } from '../src/index.ts';
import { createWorld } from './world.ts';

const secret = 'a secret of more than 32 characters';
const pages = precompute(
  { home: [false, true], theme: ['light', 'dark', 'sepia'], layout: [{ columns: 1 }, { columns: 2 }] },
  { secret },
);
const flagsThatGive = (values: Readonly<Record<string, unknown>>) => ({ value: (key: string) => values[key] as never });

test('a segment stands for what flags gave, is short, and fits into a path', async () => {
  const segment = await pages.encode(flagsThatGive({ home: true, theme: 'sepia', layout: { columns: 2 } }));
  expect(segment).toMatch(/^121[\w-]{16}$/);
  const chosen = await pages.decode(segment);
  expect(chosen).toEqual({ home: true, theme: 'sepia', layout: { columns: 2 } });
  expectTypeOf<NonNullable<typeof chosen>['theme']>().toEqualTypeOf<'light' | 'dark' | 'sepia'>();
});

test('the MAC is what it is said to be', async () => {
  const [first = ''] = await precompute({ a: [1] }, { secret }).segments();
  const mac = createHmac('sha256', secret).update('flags-precompute.v1\n[["a",[1]]]\n0').digest('base64url');
  expect(first).toBe(`0${mac.slice(0, 16)}`);
});

test('what was not foreseen is the first choice', async () => {
  const segment = await pages.encode(flagsThatGive({ theme: 'neon', home: 'true', layout: undefined }));
  expect(await pages.decode(segment)).toEqual({ home: false, theme: 'light', layout: { columns: 1 } });
});

test('every combination has a segment, and all differ', async () => {
  const segments = await pages.segments();
  expect(new Set(segments).size).toBe(12);
  const chosen = await Promise.all(segments.map(pages.decode));
  expect(new Set(chosen.map((one) => JSON.stringify(one))).size).toBe(12);
  expect(segments).toContain(await pages.encode(flagsThatGive({ home: true })));
});

test('a segment that was changed anywhere stands for nothing', async () => {
  const segment = await pages.encode(flagsThatGive({ home: true }));
  for (let at = 0; at < segment.length; at += 1) {
    const other = segment[at] === '0' ? '1' : '0';
    expect(await pages.decode(segment.slice(0, at) + other + segment.slice(at + 1))).toBeUndefined();
  }
  for (const wrong of [segment.slice(1), `${segment}0`, '', undefined, null, 7, {}, [segment], '🙂'.repeat(10)]) {
    expect(await pages.decode(wrong)).toBeUndefined();
  }
});

test('a segment of other choices, or of another secret, stands for nothing', async () => {
  const segment = await pages.encode(flagsThatGive({}));
  const others = [
    precompute(
      { home: [true, false], theme: ['light', 'dark', 'sepia'], layout: [{ columns: 1 }, { columns: 2 }] },
      { secret },
    ),
    precompute(
      { house: [false, true], theme: ['light', 'dark', 'sepia'], layout: [{ columns: 1 }, { columns: 2 }] },
      { secret },
    ),
    precompute(
      { home: [false, true], theme: ['light', 'dark', 'sepia'], layout: [{ columns: 1 }, { columns: 2 }] },
      { secret: `${secret}!` },
    ),
  ];
  for (const other of others) expect(await other.decode(segment)).toBeUndefined();
});

test('no text but a segment is one', async () => {
  const segments = new Set(await pages.segments());
  await fc.assert(
    fc.asyncProperty(fc.string({ maxLength: 24 }), async (text) => {
      expect((await pages.decode(text)) === undefined).toBe(!segments.has(text));
    }),
  );
});

test('flags of a request are encoded, whatever their key', async () => {
  const { edge } = createWorld();
  const odd = precompute({ a: ['other', 'one'], ['__proto__']: [1, 2] } as const, { secret });
  const chosen = await odd.decode(await odd.encode(await edge.flags({})));
  expect(Object.entries(chosen ?? {})).toEqual([
    ['a', 'one'],
    ['__proto__', 1],
  ]);
});

test.each([
  [{ a: [1] }, 'short'],
  [{ a: [1] }, undefined],
  [{ a: [] }, secret],
  [{ a: 'yes' }, secret],
  [{ a: Array.from({ length: 65 }, (_, index) => index) }, secret],
])('choices %j with the secret %s are refused', (choices, given) => {
  expect(() => precompute(choices as never, { secret: given as string })).toThrow(/^(?:The choices|The secret)/);
});

test('pages beyond counting are not built', async () => {
  const keys = Array.from({ length: 13 }, (_, index) => [`flag-${index}`, [false, true]]);
  await expect(precompute(Object.fromEntries(keys) as never, { secret }).segments()).rejects.toThrow(
    '8192 combinations',
  );
});
