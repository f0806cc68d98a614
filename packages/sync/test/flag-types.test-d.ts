import { expectTypeOf, test } from 'vitest';
import type { FlagClient, FlagKey } from '../src/index.ts';

interface Declared {
  'new-checkout': boolean;
  theme: 'light' | 'dark';
  limits: { max: number };
}

declare const open: FlagClient<object>;
declare const strict: FlagClient<Declared>;

test('while nothing is declared, any key is read and the default gives the type', () => {
  expectTypeOf(open.value('anything', false)).toEqualTypeOf<boolean>();
  expectTypeOf(open.value('anything', 'light')).toEqualTypeOf<string>();
  expectTypeOf(open.value('anything', 7)).toEqualTypeOf<number>();
  expectTypeOf(open.value('anything', null)).toEqualTypeOf<unknown>();
  expectTypeOf(open.details('anything', 7).value).toEqualTypeOf<number>();
});

test('declared flags have their declared types', () => {
  expectTypeOf(strict.value('new-checkout', false)).toEqualTypeOf<boolean>();
  expectTypeOf(strict.value('theme', 'light')).toEqualTypeOf<'light' | 'dark'>();
  expectTypeOf(strict.details('limits', { max: 1 }).value).toEqualTypeOf<{ max: number }>();
  expectTypeOf(strict.forContext({}).value('theme', 'dark')).toEqualTypeOf<'light' | 'dark'>();
});

test('null is a default for any flag, and then one of its answers', () => {
  expectTypeOf(strict.value('theme', null)).toEqualTypeOf<'light' | 'dark' | null>();
  expectTypeOf(strict.details('limits', null).value).toEqualTypeOf<{ max: number } | null>();
});

test('a key that was not declared, and a default of another type, do not compile', () => {
  expectTypeOf<FlagKey<Declared>>().toEqualTypeOf<'new-checkout' | 'theme' | 'limits'>();
  // @ts-expect-error -- no such flag
  strict.value('new-chekout', false);
  // @ts-expect-error -- not a boolean
  strict.value('new-checkout', 'yes');
  // @ts-expect-error -- not one of the declared values
  strict.value('theme', 'blue');
  // @ts-expect-error -- no such flag
  strict.subscribe('new-chekout', () => {});
});
