import { act, render } from '@testing-library/react';
import { StrictMode, Suspense } from 'react';
import type { ReactElement } from 'react';
import { expect, test } from 'vitest';
import { FlagProvider, useFlag, useFlagDetails, useFlags } from '@flags/react';
import {
  createContextClient,
  createExposures,
  createFlagClient,
  type ContextClient,
  type EventBatch,
} from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import { probe } from './render.tsx';
import { rulesOf } from './rules.ts';

interface Made {
  readonly client: ContextClient;
  /** What was reported since the last time, as `flag=count` and `flag@unit`. */
  readonly reported: () => Promise<readonly string[]>;
}

function make(): Made {
  const transport = createScriptedTransport((request) => {
    if (request.request.body !== undefined) request.respond({ status: 202 });
  });
  const split = { slices: [['served', 100_000]] as const, experiment: 'exp' };
  const bootstrap = rulesOf({ a: 1, b: 'x' }, { fallthrough: { split } as never });
  const ports = { transport, clock: createFakeClock(), random: () => 0.5, createExposures };
  const client = createContextClient(createFlagClient({ url: 'http://relay', key: 'k', bootstrap }, ports), {
    context: { targetingKey: 'ann' },
  });
  let read = 0;
  const reported = async (): Promise<readonly string[]> => {
    await client.flush();
    const posts = transport.requests.filter(({ request }) => request.url.endsWith('/v1/events')).slice(read);
    read += posts.length;
    const batches = posts.map(({ request }) => JSON.parse(request.body ?? '') as EventBatch);
    return batches.flatMap(({ summaries, exposures }) => [
      ...summaries.map(({ flag, count }) => `${flag}=${count}`),
      ...exposures.map(({ flag, unit }) => `${flag}@${unit}`),
    ]);
  };
  return { client, reported };
}

test('a read counts once what it gave is on the page, and not again with each render', async () => {
  const { client, reported } = make();
  const A = probe(() => useFlag('a', 0));
  const { rerender } = render(<A />, {
    wrapper: ({ children }) => <FlagProvider client={client}>{children}</FlagProvider>,
  });
  rerender(<A />);
  rerender(<A />);
  expect(A.renders()).toBe(3);
  expect(await reported()).toEqual(['a=1', 'a@ann']);
});

test('what was rendered and never shown does not count', async () => {
  const { client, reported } = make();
  let rendered = 0;
  function Never(): ReactElement {
    rendered += Number(useFlag('a', 0) === 1);
    throw new Promise(() => {});
  }
  const { unmount } = render(
    <FlagProvider client={client}>
      <Suspense fallback="waiting">
        <Never />
      </Suspense>
    </FlagProvider>,
  );
  expect(rendered).toBeGreaterThan(0);
  unmount();
  expect(await reported()).toEqual([]);
});

test('another user who gets the same counts as well, without a render', async () => {
  const { client, reported } = make();
  const A = probe(() => useFlag('a', 0));
  render(<A />, { wrapper: ({ children }) => <FlagProvider client={client}>{children}</FlagProvider> });
  await reported();
  await act(() => client.setContext({ targetingKey: 'bob' }));
  expect(A.renders()).toBe(1);
  expect(await reported()).toEqual(['a=1', 'a@bob']);
});

test('of several flags each counts for itself', async () => {
  const { client, reported } = make();
  const Both = probe(() => useFlags({ a: 0, b: '' }));
  const Why = probe(() => useFlagDetails('b', '').reason);
  const { rerender } = render(
    <FlagProvider client={client}>
      <Both />
    </FlagProvider>,
  );
  expect(await reported()).toEqual(['a=1', 'b=1', 'a@ann', 'b@ann']);
  rerender(
    <FlagProvider client={client}>
      <Both />
      <Why />
    </FlagProvider>,
  );
  expect(await reported()).toEqual(['b=1']);
});

test('strict mode counts once', async () => {
  const { client, reported } = make();
  const A = probe(() => useFlag('a', 0));
  render(
    <StrictMode>
      <FlagProvider client={client}>
        <A />
      </FlagProvider>
    </StrictMode>,
  );
  expect(await reported()).toEqual(['a=1', 'a@ann']);
});
