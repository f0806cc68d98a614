import { act, render, screen } from '@testing-library/react';
import { StrictMode, Suspense, version } from 'react';
import { expect, test, vi } from 'vitest';
import type { Mock } from 'vitest';
import { FlagProvider, FlagsReady, useFlag, useFlagClient, useFlagsReady, useSetContext, useTrack } from '@flags/react';
import { createTestFlags } from '@flags/react/testing';
import { createContextClient, createFlagClient } from '@flags/sync';
import type { ContextClient } from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import type { FakeClock } from '@flags/sync/testing';
import { probe } from './render.tsx';

const text = (): string => screen.getByRole('status').textContent;
const Theme = probe(() => useFlag('theme', 'light'));

/** A client that the test answers, and what became of it. */
function silent(): { client: ContextClient; clock: FakeClock; answer: () => void } {
  const transport = createScriptedTransport();
  const clock = createFakeClock();
  const client = createContextClient(
    createFlagClient({ url: 'http://relay', key: 'k' }, { transport, clock, random: () => 0.5 }),
  );
  const known = createTestFlags({ theme: 'dark' }).snapshot();
  const answer = (): void => {
    const stream = transport.last('stream');
    stream.respond();
    const ruleset = { ...known, format: 1, flags: Object.fromEntries(known?.flags ?? []), segments: {} };
    stream.send({
      type: 'FULL_SYNC',
      position: { epoch: 'memory', version: 1, hash: '00000000' },
      reason: 'initial',
      ruleset,
    });
  };
  return { client, clock, answer };
}

test('runs on the React that is promised', () => {
  expect(version.split('.')[0]).toBe(process.env['REACT_MAJOR'] ?? '19');
});

test('without a provider defaults are served, and one warning says so', () => {
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const Tools = probe(() => [typeof useTrack()('seen'), typeof useSetContext()({}), useFlagClient().status().state]);
  const { container } = render(
    <>
      <Theme />
      <Theme />
      <Tools />
    </>,
  );
  expect(container.textContent).toBe('"light""light"["undefined","object","idle"]');
  expect(warn.mock.calls).toEqual([[expect.stringContaining('Wrap the app in one')]]);
  warn.mockRestore();
});

test('a client is made once the provider is in the page, and closed with it; strict mode leaves none open', () => {
  const made: { readonly client: ContextClient; readonly close: Mock }[] = [];
  const create = (): ContextClient => {
    const client = createTestFlags({ theme: 'dark' });
    const close = vi.fn<typeof client.close>(client.close);
    made.push({ client, close });
    return { ...client, close };
  };
  const { unmount, rerender } = render(
    <StrictMode>
      <FlagProvider create={create}>
        <Theme />
      </FlagProvider>
    </StrictMode>,
  );
  expect(text()).toBe('"dark"');
  rerender(
    <StrictMode>
      <FlagProvider create={() => create()}>
        <Theme />
      </FlagProvider>
    </StrictMode>,
  );
  expect(made.map(({ close }) => close.mock.calls.length)).toEqual([1, 0]);
  unmount();
  expect(made.map(({ close }) => close.mock.calls.length)).toEqual([1, 1]);
});

test('a client that was given stays open', () => {
  const flags = createTestFlags({ theme: 'dark' });
  const close = vi.fn<typeof flags.close>(flags.close);
  const { unmount } = render(
    <FlagProvider client={{ ...flags, close }}>
      <Theme />
    </FlagProvider>,
  );
  unmount();
  expect(close).not.toHaveBeenCalled();
});

test('another client is read at once', () => {
  const [one, two] = [createTestFlags({ theme: 'one' }), createTestFlags({ theme: 'two' })];
  const { rerender } = render(
    <FlagProvider client={one}>
      <Theme />
    </FlagProvider>,
  );
  rerender(
    <FlagProvider client={two}>
      <Theme />
    </FlagProvider>,
  );
  expect(text()).toBe('"two"');
  two.set({ theme: 'three' });
  expect(text()).toBe('"three"');
});

test('until a client is made, the values that the page brings along are read', () => {
  vi.stubGlobal('__FLAG_BOOTSTRAP__', { flags: { theme: { value: 'from the page' } } });
  const shown: string[] = [];
  const Shown = probe(() => shown.push(useFlag('theme', 'light')));
  render(
    <FlagProvider create={() => createTestFlags({ theme: 'dark' })}>
      <Shown />
    </FlagProvider>,
  );
  vi.unstubAllGlobals();
  expect(shown).toEqual(['from the page', 'dark']);
});

test('setContext and track reach the client, and stay the same functions', async () => {
  const flags = createTestFlags({ theme: 'dark' });
  const track = vi.fn<typeof flags.track>();
  const seen = new Set<unknown>();
  let tools: { set: ReturnType<typeof useSetContext>; track: ReturnType<typeof useTrack> } | undefined;
  const Tools = probe(() => {
    tools = { set: useSetContext(), track: useTrack() };
    seen.add(tools.set).add(tools.track);
  });
  const client = { ...flags, track };
  const { rerender } = render(<Tools />, {
    wrapper: ({ children }) => <FlagProvider client={client}>{children}</FlagProvider>,
  });
  rerender(<Tools />);
  await act(async () => tools?.set({ targetingKey: 'ann' }));
  tools?.track('bought', { price: 7 });
  expect(flags.context()).toEqual({ targetingKey: 'ann' });
  expect(track.mock.calls).toEqual([['bought', { price: 7 }]]);
  expect(seen.size).toBe(2);
});

test('<FlagsReady> waits for the first answers', async () => {
  const { client, answer } = silent();
  const { container } = render(
    <FlagProvider client={client}>
      <FlagsReady fallback="waiting">
        <Theme />
      </FlagsReady>
    </FlagProvider>,
  );
  expect(container.textContent).toBe('waiting');
  await act(async () => answer());
  expect(container.textContent).toBe('"dark"');
  await client.close();
});

test('<FlagsReady> does not wait for ever: then it shows the defaults, and later the values', async () => {
  const { client, clock, answer } = silent();
  const { container } = render(
    <FlagProvider client={client}>
      <FlagsReady fallback="waiting" timeoutMs={1_000}>
        <Theme />
      </FlagsReady>
    </FlagProvider>,
  );
  await act(async () => clock.advance(900));
  expect(container.textContent).toBe('waiting');
  await act(async () => clock.advance(101));
  expect(container.textContent).toBe('"light"');
  await act(async () => answer());
  expect(container.textContent).toBe('"dark"');
  await client.close();
});

test('a boundary above the provider waits as well, for one client', async () => {
  const { client, answer } = silent();
  const create = vi.fn<() => ContextClient>(() => client);
  const Waiting = probe(() => {
    useFlagsReady();
    return useFlag('theme', 'light');
  });
  const { container } = render(
    <Suspense fallback="waiting">
      <FlagProvider create={create}>
        <Waiting />
      </FlagProvider>
    </Suspense>,
  );
  expect(container.textContent).toContain('waiting');
  await act(async () => answer());
  expect(container.textContent).toContain('"dark"');
  expect(create).toHaveBeenCalledTimes(1);
  await client.close();
});
