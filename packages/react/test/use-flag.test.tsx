import { act, render, screen } from '@testing-library/react';
import { startTransition, StrictMode, useState } from 'react';
import type { ReactElement } from 'react';
import { expect, test, vi } from 'vitest';
import { Flag, FlagProvider, useFlag, useFlagDetails, useFlags, useFlagStatus } from '@flags/react';
import { createTestFlags } from '@flags/react/testing';
import { createMemoryContextClient } from '@flags/sync/testing';
import { probe } from './render.tsx';

const text = (): string => screen.getByRole('status').textContent;

test('a component shows the value, and the next one when the flag changes', () => {
  const flags = createTestFlags({ theme: 'dark' });
  const Theme = probe(() => useFlag('theme', 'light'));
  render(<Theme />, { wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider> });
  expect(text()).toBe('"dark"');
  flags.set({ theme: 'blue' });
  expect(text()).toBe('"blue"');
  flags.set({ theme: null });
  expect(text()).toBe('"light"');
});

test('of a thousand components on a hundred flags, the readers of the flag that changes render again, and nothing else', () => {
  const keys = Array.from({ length: 100 }, (_, index) => `flag-${index}`);
  const flags = createTestFlags(Object.fromEntries(keys.map((key) => [key, 0])));
  const readers = Array.from({ length: 1_000 }, (_, index) => {
    const key = `flag-${index % 100}`;
    return { key, Reader: probe(() => useFlag(key, -1)) };
  });
  const Parent = probe(() => null);
  render(
    <FlagProvider client={flags}>
      <Parent />
      {readers.map(({ Reader }, index) => (
        <Reader key={index} />
      ))}
    </FlagProvider>,
  );
  expect(readers.every(({ Reader }) => Reader.renders() === 1)).toBe(true);
  flags.set({ 'flag-42': 1 });
  const again = readers.filter(({ Reader }) => Reader.renders() === 2);
  expect(again.map(({ key }) => key)).toEqual(Array(10).fill('flag-42'));
  expect(readers.every(({ Reader, key }) => Reader.renders() === (key === 'flag-42' ? 2 : 1))).toBe(true);
  expect(Parent.renders()).toBe(1);
});

test('a component renders again only when what it selects changes, new objects or not', () => {
  const flags = createTestFlags({ limits: { max: 5, burst: [1, 2], note: 'a' } });
  const Limits = probe(() =>
    useFlag('limits', { max: 0, burst: [0], note: '' }, { select: ({ max, burst }) => ({ max, burst }) }),
  );
  render(<Limits />, { wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider> });
  expect(text()).toBe('{"max":5,"burst":[1,2]}');
  flags.set({ limits: { max: 5, burst: [1, 2], note: 'b' } });
  expect(Limits.renders()).toBe(1);
  flags.set({ limits: { max: 5, burst: [1, 3], note: 'b' } });
  expect(text()).toBe('{"max":5,"burst":[1,3]}');
  expect(Limits.renders()).toBe(2);
});

test('a value that says the same stays the same object, a default too', () => {
  const flags = createTestFlags({ limits: { max: 5 } });
  const seen = new Set<unknown>();
  const Limits = probe(() => {
    const limits = useFlag('limits', { max: 0 });
    seen.add(limits);
    seen.add(useFlag('missing', ['a', 'default']));
    return limits;
  });
  const { rerender } = render(<Limits />, {
    wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider>,
  });
  rerender(<Limits />);
  flags.set({ limits: { max: 5 } });
  rerender(<Limits />);
  expect(Limits.renders()).toBe(3);
  expect(seen.size).toBe(2);
});

test('details say why, and how fresh they are', () => {
  const flags = createTestFlags({ theme: 'dark' });
  const Theme = probe(() => {
    const { value, reason, stale, errorCode } = useFlagDetails('theme', 'light');
    return [value, reason, stale, errorCode];
  });
  render(<Theme />, { wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider> });
  expect(text()).toBe('["dark","STATIC",false,null]');
  act(() => flags.disconnect());
  expect(text()).toBe('["dark","STATIC",true,null]');
  act(() => flags.reconnect());
  flags.set({ theme: 7 });
  expect(text()).toBe('["light","ERROR",false,"TYPE_MISMATCH"]');
});

test('several flags are one object until one of them changes', () => {
  const flags = createTestFlags({ a: true, b: 1, c: 'x' });
  const Map = probe(() => useFlags({ a: false, b: 0, missing: 'default' }));
  const List = probe(() => useFlags(['c', 'missing']));
  render(
    <FlagProvider client={flags}>
      <Map />
      <List />
    </FlagProvider>,
  );
  const texts = (): unknown[] => screen.getAllByRole('status').map((shown) => JSON.parse(shown.textContent));
  expect(texts()).toEqual([
    { a: true, b: 1, missing: 'default' },
    { c: 'x', missing: null },
  ]);
  flags.set({ c: 'y' });
  expect([Map.renders(), List.renders()]).toEqual([1, 2]);
  flags.set({ a: false, missing: 'now' });
  expect(texts()).toEqual([
    { a: false, b: 1, missing: 'now' },
    { c: 'y', missing: 'now' },
  ]);
  expect([Map.renders(), List.renders()]).toEqual([2, 3]);
});

test('the status is news when it changes, not when a flag does', () => {
  const flags = createTestFlags({ a: true });
  const Status = probe(() => useFlagStatus().state);
  render(<Status />, { wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider> });
  flags.set({ a: false });
  expect([text(), Status.renders()]).toEqual(['"live"', 1]);
  act(() => flags.disconnect());
  expect([text(), Status.renders()]).toEqual(['"waiting"', 2]);
});

test('<Flag> shows its children for a value, and the fallback for any other', () => {
  const flags = createTestFlags({ 'new-checkout': true, theme: 'dark', limits: { max: 1 } });
  const { container } = render(
    <FlagProvider client={flags}>
      <Flag name="new-checkout" fallback="old;">
        new;
      </Flag>
      <Flag name="theme" match="light" fallback="not light;">
        light;
      </Flag>
      <Flag name="limits" match={{ max: 1 }}>
        one;
      </Flag>
      <Flag name="missing" fallback="missing;">
        found;
      </Flag>
    </FlagProvider>,
  );
  expect(container.textContent).toBe('new;not light;one;missing;');
  flags.set({ 'new-checkout': false, theme: 'light', limits: { max: 2 } });
  expect(container.textContent).toBe('old;light;missing;');
});

test('another key is read at once, and the old one is not heard of any more', () => {
  const flags = createTestFlags({ a: 'A', b: 'B' });
  let choose: (key: string) => void = () => {};
  const Chosen = probe(() => {
    const [key, setKey] = useState('a');
    choose = setKey;
    return useFlag(key, '');
  });
  render(<Chosen />, { wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider> });
  act(() => choose('b'));
  expect(text()).toBe('"B"');
  const renders = Chosen.renders();
  flags.set({ a: 'A2' });
  expect(Chosen.renders()).toBe(renders);
  flags.set({ b: 'B2' });
  expect(text()).toBe('"B2"');
});

test('nothing tears: a change in the middle of a transition shows one value everywhere', async () => {
  const flags = createMemoryContextClient({ color: 'red' });
  const frames: string[] = [];
  let rendered = 0;
  function Reader(): ReactElement {
    rendered += 1;
    // Slow enough that React yields between readers.
    const end = performance.now() + 8;
    while (performance.now() < end);
    return <i>{useFlag('color', 'none')}</i>;
  }
  let open = (): void => {};
  function App(): ReactElement {
    const [isOpen, setOpen] = useState(false);
    open = () => startTransition(() => setOpen(true));
    return <div>{isOpen && Array.from({ length: 12 }, (_, index) => <Reader key={index} />)}</div>;
  }
  const { container } = render(<App />, {
    wrapper: ({ children }) => <FlagProvider client={flags}>{children}</FlagProvider>,
  });
  const observer = new MutationObserver(() => frames.push(container.textContent));
  observer.observe(container, { subtree: true, childList: true, characterData: true });
  open();
  // In the middle: React has rendered some of them and has let go.
  while (rendered < 3) await new Promise((resolve) => setTimeout(resolve));
  const before = container.textContent;
  const renderedBefore = rendered;
  flags.set({ color: 'green' });
  await vi.waitFor(() => expect(container.textContent).toBe('green'.repeat(12)), { timeout: 5_000 });
  observer.disconnect();
  expect(before).toBe('');
  expect(renderedBefore).toBeLessThan(12);
  expect(frames.filter((frame) => !/^(?:(?:red)*|(?:green)*)$/.test(frame))).toEqual([]);
});

test('in strict mode there is one subscription for each reader, and none afterwards', () => {
  const flags = createTestFlags({ a: 1 });
  let listening = 0;
  const subscribe = ((...args: [never, never]) => {
    const stop = flags.subscribe(...args);
    listening += 1;
    return () => {
      listening -= 1;
      stop();
    };
  }) as typeof flags.subscribe;
  const One = probe(() => useFlag('a', 0));
  const { unmount } = render(
    <StrictMode>
      <FlagProvider client={{ ...flags, subscribe }}>
        <One />
      </FlagProvider>
    </StrictMode>,
  );
  // One to render again, one to record what changes unseen.
  expect(listening).toBe(2);
  flags.set({ a: 2 });
  expect(text()).toBe('2');
  unmount();
  expect(listening).toBe(0);
});
