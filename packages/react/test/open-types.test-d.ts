import { expectTypeOf, test } from 'vitest';
import { useFlag, useFlags } from '@flags/react';

test('while nothing is declared, any key is read and the default gives the type', () => {
  expectTypeOf(useFlag('anything', false)).toEqualTypeOf<boolean>();
  expectTypeOf(useFlag('anything', 'light')).toEqualTypeOf<string>();
  expectTypeOf(useFlag('anything', null)).toEqualTypeOf<unknown>();
  expectTypeOf(useFlag('anything', 'light', { select: (text) => text.length })).toEqualTypeOf<number>();
  expectTypeOf(useFlags({ a: false, b: 7 })).toEqualTypeOf<{ readonly a: boolean; readonly b: number }>();
  expectTypeOf(useFlags(['a', 'b'])).toEqualTypeOf<{ readonly a: unknown; readonly b: unknown }>();
});
