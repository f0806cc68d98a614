// A program of its own, checked by `tsc -p test/types`: what is declared here would hold for every other test as well.
import { expectTypeOf, test } from 'vitest';
import { Flag, useFlag, useFlagDetails, useFlags } from '@flags/react';
import { createTestFlags, TestFlagProvider } from '@flags/react/testing';
import type { RequestFlags } from '@flags/react/server';

declare global {
  interface FlagTypes {
    'new-checkout': boolean;
    theme: 'light' | 'dark';
    limits: { max: number };
  }
}

declare const request: RequestFlags;

test('declared flags have their declared types, everywhere', () => {
  expectTypeOf(useFlag('new-checkout', false)).toEqualTypeOf<boolean>();
  expectTypeOf(useFlag('theme', 'light')).toEqualTypeOf<'light' | 'dark'>();
  expectTypeOf(useFlag('limits', { max: 1 }, { select: ({ max }) => max })).toEqualTypeOf<number>();
  expectTypeOf(useFlagDetails('theme', 'light').value).toEqualTypeOf<'light' | 'dark'>();
  expectTypeOf(useFlags({ theme: 'light', limits: { max: 1 } }).theme).toEqualTypeOf<'light' | 'dark'>();
  expectTypeOf(useFlag('theme', null)).toEqualTypeOf<'light' | 'dark' | null>();
  expectTypeOf(useFlags(['limits', 'theme']).limits).toEqualTypeOf<{ max: number } | null>();
  expectTypeOf(request.value('theme', 'dark')).toEqualTypeOf<'light' | 'dark'>();
  expectTypeOf(<Flag name="theme" match="dark" />).not.toBeAny();
});

test('a key that was not declared, and a value of another type, do not compile', () => {
  // @ts-expect-error -- no such flag
  useFlag('new-chekout', false);
  // @ts-expect-error -- not a boolean
  useFlag('new-checkout', 'yes');
  // @ts-expect-error -- not one of the declared values
  useFlagDetails('theme', 'blue');
  // @ts-expect-error -- no such member
  useFlag('limits', { max: 1 }, { select: ({ min }) => min });
  // @ts-expect-error -- no such flag
  useFlags(['theme', 'new-chekout']);
  // @ts-expect-error -- not one of the declared values
  useFlags({ theme: 'blue' });
  // @ts-expect-error -- no such flag
  useFlags({ theme: 'light', 'new-chekout': false });
  // @ts-expect-error -- no such flag
  expectTypeOf(<Flag name="new-chekout" />).not.toBeAny();
  // @ts-expect-error -- not one of the declared values
  expectTypeOf(<Flag name="theme" match="blue" />).not.toBeAny();
  // @ts-expect-error -- never true, so its children would never be shown
  expectTypeOf(<Flag name="theme" />).not.toBeAny();
  // @ts-expect-error -- no such flag
  request.value('new-chekout', false);
});

test('flags of a test are declared ones', () => {
  const flags = createTestFlags({ theme: 'dark', 'new-checkout': true });
  flags.set({ theme: null, limits: { max: 2 } });
  expectTypeOf(<TestFlagProvider flags={{ theme: 'dark' }} />).not.toBeAny();
  expectTypeOf(<TestFlagProvider client={flags} />).not.toBeAny();
  expectTypeOf(<Flag name="new-checkout" />).not.toBeAny();
  // @ts-expect-error -- no such flag
  createTestFlags({ thme: 'dark' });
  // @ts-expect-error -- no such flag, beside one
  flags.set({ theme: 'dark', thme: 'dark' });
  // @ts-expect-error -- not one of the declared values
  expectTypeOf(<TestFlagProvider flags={{ theme: 'blue' }} />).not.toBeAny();
});
