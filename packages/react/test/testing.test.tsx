import { render } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { useFlag } from '@flags/react';
import { createTestFlags, TestFlagProvider } from '@flags/react/testing';

const Theme = (): ReactElement => <>{useFlag('theme', 'light')}</>;
afterEach(() => vi.unstubAllGlobals());

test('a page without TextEncoder and TextDecoder, as that of Jest is, has flags as well', () => {
  const words = ['dark', 'grün', '夜', '🌒', '\uD83C', 'a%20b\u0000'];
  vi.stubGlobal('TextEncoder', undefined);
  vi.stubGlobal('TextDecoder', undefined);
  const flags = createTestFlags({ theme: 'none' });
  for (const theme of words) {
    flags.set({ theme });
    expect(flags.value('theme', '')).toBe(theme);
  }
  const decoder = new TextDecoder();
  const bytes = new TextEncoder().encode(words.join(' '));
  const pieces = Array.from(bytes, (byte) => decoder.decode(Uint8Array.of(byte), { stream: true }));
  expect(pieces.join('')).toBe(words.join(' ').replace(/\p{Surrogate}/u, '\uFFFD'));
  expect(decoder.decode(Uint8Array.of(0xff, 0x61))).toBe('\uFFFDa');
});

test('flags that are rendered anew with others change, and what is left out is gone', () => {
  const page = (flags: Record<string, string>): ReactElement => <TestFlagProvider flags={flags} children={<Theme />} />;
  const { container, rerender } = render(page({ theme: 'dark' }));
  expect(container.textContent).toBe('dark');
  rerender(page({ theme: 'blue' }));
  expect(container.textContent).toBe('blue');
  rerender(page({}));
  expect(container.textContent).toBe('light');
});
