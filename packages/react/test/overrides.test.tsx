import { act, render, screen } from '@testing-library/react';
import type { ReactElement } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { FlagProvider, FlagsReady, useFlag, useFlagDetails, useFlags } from '@flags/react';
import { FlagDevtools } from '@flags/react/devtools';
import { createTestFlags } from '@flags/react/testing';
import { createContextClient, createFlagClient } from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import { click, hosts, open, opener, panel, show, type } from './panel.tsx';
import { probe } from './render.tsx';
import { rulesOf } from './rules.ts';

const KEY = 'flags:overrides:1';
afterEach(() => localStorage.clear());

test('an override is what components read, and only its readers render', async () => {
  const client = createTestFlags({ a: true, b: true });
  const [A, B] = [probe(() => useFlag('a', false)), probe(() => useFlag('b', false))];
  const Why = probe(() => useFlagDetails('a', null));
  await show(
    client,
    <>
      <A />
      <B />
      <Why />
    </>,
  );
  expect([A.renders(), B.renders()]).toEqual([1, 1]);
  await open();
  await click(panel().getByRole('switch', { name: 'Override a' }));
  expect(screen.getAllByRole('status')[0]?.textContent).toBe('false');
  expect(JSON.parse(screen.getAllByRole('status')[2]?.textContent ?? '')).toEqual({
    value: false,
    reason: 'STATIC',
    source: 'network',
    stale: false,
  });
  expect([A.renders(), B.renders()]).toEqual([2, 1]);
  // The flag may change below; what is read does not.
  await act(async () => client.set({ a: 'text' }));
  expect([A.renders(), B.renders()]).toEqual([2, 1]);
  expect(panel().getByRole('button', { name: /^a false/ }).textContent).toContain('overridden');
  expect(opener().textContent).toContain('1 overridden');
  await click(opener());
  expect(opener().textContent).toContain('1 overridden');
});

test('one override is reset, or all of them', async () => {
  const client = createTestFlags({ a: true, b: true, c: true });
  const All = probe(() => useFlags({ a: false, b: false, c: false }));
  await show(client, <All />);
  await open('a');
  for (const key of ['a', 'b', 'c']) await click(panel().getByRole('switch', { name: `Override ${key}` }));
  expect(screen.getByRole('status').textContent).toBe('{"a":false,"b":false,"c":false}');
  await click(panel().getByRole('button', { name: 'Reset' }));
  expect(screen.getByRole('status').textContent).toBe('{"a":true,"b":false,"c":false}');
  await click(panel().getByRole('button', { name: 'Reset all' }));
  expect(screen.getByRole('status').textContent).toBe('{"a":true,"b":true,"c":true}');
  expect(opener().textContent).not.toContain('overridden');
  expect(localStorage.getItem(KEY)).toBeNull();
});

test('a variation is chosen, an object is written, and what is wrong with it is said', async () => {
  const rules = rulesOf({ limits: { max: 1 } });
  const limits = (rules['flags'] as never)['limits'] as object;
  const variations = [
    { name: 'served', value: { max: 1 } },
    { name: 'big', value: { max: 9 } },
  ];
  const client = createTestFlags({ ...rules, flags: { limits: { ...limits, variations } } as never });
  const Limits = probe(() => useFlag('limits', { max: 0 }).max);
  await show(client, <Limits />);
  await open('limits');
  const select = panel().getByLabelText<HTMLSelectElement>('Variation');
  await type(select, '1');
  expect(screen.getByRole('status').textContent).toBe('9');
  const json = panel().getByLabelText<HTMLTextAreaElement>('Value as JSON');
  expect(JSON.parse(json.value)).toEqual({ max: 9 });
  const apply = async (text: string): Promise<string | undefined> => {
    await type(json, text);
    await click(panel().getByRole('button', { name: 'Apply' }));
    return panel().queryByRole('alert')?.textContent ?? undefined;
  };
  expect(await apply('{ "max": ')).toContain('no JSON');
  expect(await apply('7')).toBe('The flag takes an object or a list.');
  expect(json.getAttribute('aria-invalid')).toBe('true');
  expect(screen.getByRole('status').textContent).toBe('9');
  expect(await apply('{ "max": 7 }')).toBeUndefined();
  expect(screen.getByRole('status').textContent).toBe('7');
  expect(select.selectedOptions[0]?.textContent).toBe('A value of your own');
  await type(select, 'served');
  expect(screen.getByRole('status').textContent).toBe('1');
});

test('where the page has no rules, values are written by their type', async () => {
  const bootstrap = { flags: { theme: { value: 'dark' }, size: { value: 10 }, on: { value: true } } };
  const ports = { transport: createScriptedTransport(), clock: createFakeClock(), random: () => 0.5 };
  const client = createContextClient(createFlagClient({ url: 'http://relay', key: 'k' }, ports), { values: bootstrap });
  const Both = probe(() => useFlags({ theme: '', size: 0 }));
  await show(client, <Both />);
  await open('theme');
  expect(panel().getByRole('dialog').textContent).toContain('The page brought this value along');
  await type(panel().getByLabelText('Value'), 'a "text"');
  await click(panel().getByRole('button', { name: 'Apply' }));
  await open('theme');
  await open('size');
  await type(panel().getByLabelText('Value'), '12.5');
  await click(panel().getByRole('button', { name: 'Apply' }));
  expect(JSON.parse(screen.getByRole('status').textContent)).toEqual({ theme: 'a "text"', size: 12.5 });
  expect(panel().getByRole('switch', { name: 'Override on' })).toBeTruthy();
  await client.close();
});

test('overrides are there again in the next page, `__proto__` too, and what is corrupt is not', async () => {
  const flags = { theme: 'dark', limits: { max: 1 } };
  const Theme = probe(() => useFlags({ theme: 'light', ['__proto__']: 'none' } as never));
  const first = await show(createTestFlags(flags), <Theme />);
  await open('__proto__');
  await type(panel().getByLabelText('Value as JSON'), '"own"');
  await click(panel().getByRole('button', { name: 'Apply' }));
  first.unmount();
  await act(async () => {});
  expect(hosts()).toEqual([]);
  const Why = probe(() => useFlagDetails('__proto__', null).reason);
  const second = await show(
    createTestFlags(flags),
    <>
      <Theme />
      <Why />
    </>,
  );
  const texts = screen.getAllByRole('status').map((shown) => shown.textContent);
  expect(texts).toEqual(['{"theme":"dark","__proto__":"own"}', '"STATIC"']);
  expect(opener().textContent).toContain('1 overridden');
  second.unmount();
  for (const corrupt of ['{', '7', '{"flags":7}', '{"flags":{"theme":7,"limits":{"no":1}}}']) {
    localStorage.setItem(KEY, corrupt);
    const { unmount } = await show(createTestFlags(flags), <Theme />);
    expect(opener().textContent).not.toContain('overridden');
    expect(screen.getByRole('status').textContent).toContain('"theme":"dark"');
    unmount();
  }
});

test('without storage overrides last as long as the page', async () => {
  const denied = vi.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
    throw new DOMException('denied', 'SecurityError');
  });
  const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
    throw new DOMException('full', 'QuotaExceededError');
  });
  const A = probe(() => useFlag('a', false));
  await show(createTestFlags({ a: true }), <A />);
  await open();
  await click(panel().getByRole('switch', { name: 'Override a' }));
  expect(screen.getByRole('status').textContent).toBe('false');
  denied.mockRestore();
  full.mockRestore();
});

test('nothing of an override is recorded, and the panel reads without recording', async () => {
  const client = createTestFlags({ a: true, b: true });
  const read: string[] = [];
  const value = ((key: never, fallback: never) => {
    read.push(key);
    return client.value(key, fallback);
  }) as typeof client.value;
  const [A, B] = [probe(() => useFlag('a', false)), probe(() => useFlag('b', false))];
  const counted = { ...client, value, details: () => expect.unreachable() };
  const page = (isShown: boolean): ReactElement => (
    <FlagProvider client={counted}>
      <A />
      <B />
      {isShown && <FlagDevtools />}
    </FlagProvider>
  );
  // It comes later than what it looks at, as a panel does that is loaded lazily, and goes before it.
  const { rerender } = render(page(false));
  rerender(page(true));
  expect(read.sort()).toEqual(['a', 'b']);
  await open('a');
  await click(panel().getByRole('switch', { name: 'Override a' }));
  await act(async () => client.set({ a: false }));
  expect(read).toEqual(['a', 'b']);
  // Now what is on the page is what is served.
  await click(panel().getByRole('button', { name: 'Reset all' }));
  expect(read.slice(2)).toEqual(['a']);
  await act(async () => rerender(page(false)));
  expect(read.slice(3)).toEqual([]);
});

test('a panel that comes later does not let the page wait for its flags again', async () => {
  const clock = createFakeClock();
  const ports = { transport: createScriptedTransport(), clock, random: () => 0.5 };
  const client = createContextClient(createFlagClient({ url: 'http://relay', key: 'k' }, ports));
  const page = (isShown: boolean): ReactElement => (
    <FlagProvider client={client}>
      <FlagsReady fallback="waiting" timeoutMs={1_000}>
        shown
      </FlagsReady>
      {isShown && <FlagDevtools />}
    </FlagProvider>
  );
  const { container, rerender } = render(page(false));
  await act(async () => clock.advance(1_001));
  expect(container.textContent).toBe('shown');
  await act(async () => rerender(page(true)));
  expect(container.textContent).toBe('shown');
  expect(container.innerHTML).not.toContain('waiting');
  await client.close();
});
