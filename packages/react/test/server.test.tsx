import { act } from '@testing-library/react';
import { StrictMode, Suspense } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { expect, test, vi } from 'vitest';
import { Flag, FlagProvider, FlagsReady, useFlag, useFlagDetails, useFlags, useFlagStatus } from '@flags/react';
import { BootstrapScript, bootstrapText, requestFlags } from '@flags/react/server';
import { createTestFlags, TestFlagProvider } from '@flags/react/testing';
import { createContextClient, createFlagClient } from '@flags/sync';
import type { ContextClient, ValuesBootstrap } from '@flags/sync';
import { createFakeClock, createMemoryClient, createScriptedTransport } from '@flags/sync/testing';
import { renderOnServer } from './render.tsx';
import { rulesOf } from './rules.ts';

const ann = { targetingKey: 'ann' };

function Page(): ReactElement {
  const { reason, stale } = useFlagDetails('theme', 'light');
  const { sale } = useFlags({ sale: '' });
  return (
    <main>
      {useFlag('theme', 'light')} {reason} {String(stale)} {sale} {useFlagStatus().state}
      <Flag name="new-checkout" fallback=" old">
        {' new'}
      </Flag>
      <FlagsReady fallback=" waiting"> ready</FlagsReady>
    </main>
  );
}

/** Hydrates what a server rendered, and answers what was wrong with it. */
async function hydrate(
  html: string,
  page: ReactNode,
): Promise<{ place: HTMLElement; wrong: unknown[]; end: () => void }> {
  const wrong: unknown[] = [];
  const place = document.body.appendChild(document.createElement('div'));
  place.innerHTML = html;
  const root = await act(async () =>
    hydrateRoot(place, <StrictMode>{page}</StrictMode>, { onRecoverableError: (error) => wrong.push(error) }),
  );
  const end = (): void => {
    act(() => root.unmount());
    place.remove();
  };
  return { place, wrong, end };
}

test('a request is evaluated once: one state, one context, one moment', async () => {
  const client = createMemoryClient(rulesOf({ theme: 'dark', secret: 1 }));
  const counted = vi.fn<() => void>();
  const flags = await requestFlags({ ...client, value: counted as never }, ann, { keys: ['theme'], now: 7 });
  client.set({ theme: 'changed' });
  expect(flags.value('theme', 'light')).toBe('dark');
  expect(flags.details('theme', 'light')).toMatchObject({ value: 'dark', reason: 'STATIC', source: 'network' });
  expect(flags.value('missing', 3)).toBe(3);
  expect(counted.mock.calls).toEqual([
    ['theme', 'light', ann],
    ['missing', 3, ann],
  ]);
  expect(flags.bootstrap).toMatchObject({ version: 'v1', at: 7, flags: { theme: { value: 'dark' } } });
  expect(Object.keys(flags.bootstrap.flags)).toEqual(['theme']);
});

test('a bootstrap with details lets the page say why before it has rules', async () => {
  const client = createMemoryClient(rulesOf({ theme: 'dark' }));
  const { bootstrap } = await requestFlags(client, ann, { details: true });
  const Why = (): ReactElement => {
    const { reason, version } = useFlagDetails('theme', 'light');
    return <p>{`${reason} ${String(version)}`}</p>;
  };
  expect(renderOnServer(<FlagProvider bootstrap={bootstrap} children={<Why />} />)).toBe('<p>STATIC 1</p>');
});

test('without rules a request gets the defaults, and is not kept waiting', async () => {
  const client = createMemoryClient();
  const empty = { ...client, snapshot: () => undefined, peek: () => ({ value: 'light' }) as never };
  const ready = vi.fn<typeof client.ready>(client.ready);
  const flags = await requestFlags({ ...empty, ready }, ann, { now: 7 });
  expect(ready).toHaveBeenCalledWith({ timeoutMs: 2_000 });
  expect(flags.value('theme', 'light')).toBe('light');
  expect(flags.bootstrap).toEqual({ flags: {}, at: 7 });
});

test('a page hydrates without a mismatch, though flags changed on the way, and shows the change then', async () => {
  const server = createMemoryClient(rulesOf({ theme: 'dark', sale: 'yes', 'new-checkout': true }));
  const { bootstrap } = await requestFlags(server, ann);
  const html = renderOnServer(
    <FlagProvider bootstrap={bootstrap} create={() => expect.unreachable()}>
      <Page />
    </FlagProvider>,
  );
  const text = html.replace(/<[^>]*>/g, '');
  expect(text).toBe('dark UNKNOWN true yes idle new ready');

  // Meanwhile everything changed, and the client heard of it before the page was hydrated.
  const changed = createTestFlags({ theme: 'blue', sale: 'over', 'new-checkout': false });
  const { place, wrong, end } = await hydrate(
    html,
    <FlagProvider bootstrap={bootstrap} client={changed}>
      <Page />
    </FlagProvider>,
  );
  expect(wrong).toEqual([]);
  expect(place.textContent).toBe('blue STATIC false over live old ready');
  end();
});

test('a page hydrates without a mismatch, though the clock went on: a window opened, a rollout reached the user', async () => {
  const at = 1_000_000;
  const instant = (time: number): string => new Date(time).toISOString();
  const variations = [
    { name: 'served', value: 'before' },
    { name: 'then', value: 'after' },
  ];
  const when = { time: { from: instant(at + 60_000) } };
  const progress = {
    from: 'served',
    to: 'then',
    points: [
      [instant(at), 0],
      [instant(at + 60_000), 100_000],
    ],
  };
  const rules = { variations, rules: [{ id: 'window', when, serve: { variation: 'then' } }] };
  const sale = rulesOf({ sale: '' }, rules);
  const theme = rulesOf({ theme: '' }, { variations, fallthrough: { progress } } as never);
  const both = { ...sale, flags: { ...(sale['flags'] as object), ...(theme['flags'] as object) } } as never;
  const server = createMemoryClient(both);
  const { bootstrap } = await requestFlags(server, ann, { now: at });
  const html = renderOnServer(<FlagProvider bootstrap={bootstrap} children={<Page />} />);
  expect(html.replace(/<[^>]*>/g, '')).toContain('before UNKNOWN true before');

  // The page has the same rules, a minute later.
  const later = createTestFlags(both, ann);
  later.clock.advance(at + 59_000 - later.clock.now());
  const { place, wrong, end } = await hydrate(
    html,
    <FlagProvider bootstrap={bootstrap} client={later} children={<Page />} />,
  );
  expect(wrong).toEqual([]);
  await act(async () => later.clock.advance(2_000));
  expect(place.textContent).toContain('after SPLIT false after');
  end();
});

test('a client that is made in the page, with the same bootstrap, changes nothing until the network answers', async () => {
  const server = createMemoryClient(rulesOf({ theme: 'dark', sale: 'yes', 'new-checkout': true }));
  const { bootstrap } = await requestFlags(server, ann);
  const html = renderOnServer(<FlagProvider bootstrap={bootstrap} children={<Page />} />);
  const create = (): ContextClient => {
    const ports = { transport: createScriptedTransport(), clock: createFakeClock(), random: () => 0.5 };
    const silent = createFlagClient({ url: 'http://relay', key: 'k' }, ports);
    return createContextClient(silent, { context: ann, values: bootstrap });
  };
  const { place, wrong, end } = await hydrate(
    html,
    <FlagProvider bootstrap={bootstrap} create={create} children={<Page />} />,
  );
  expect(wrong).toEqual([]);
  expect(place.textContent).toBe('dark UNKNOWN true yes connecting new ready');
  end();
});

test('the page is found by its script alone, which holds under a content security policy', async () => {
  const bootstrap: ValuesBootstrap = { flags: { theme: { value: '</script><b>dark' } } };
  const element = <BootstrapScript bootstrap={bootstrap} nonce="abc123" />;
  const html = renderOnServer(element);
  expect(html).toMatch(/^<script nonce="abc123">window\.__FLAG_BOOTSTRAP__ = [^<]*<\/script>$/);
  expect(bootstrapText(bootstrap)).toBe(html.replace(/<\/?script[^>]*>/g, ''));
  const { wrong, end } = await hydrate(html, element);
  expect(wrong).toEqual([]);
  end();
  expect(renderOnServer(<BootstrapScript bootstrap={bootstrap} id="flags" />)).toMatch(
    /^<script id="flags" type="application\/json">\{/,
  );
  expect(() => renderOnServer(<BootstrapScript bootstrap={bootstrap} nonce={'"><b>'} />)).toThrow('nonce');
});

test('a boundary that is hydrated later shows what the server rendered until then', async () => {
  const bootstrap: ValuesBootstrap = { flags: { theme: { value: 'dark' } } };
  const Theme = (): ReactElement => <b>{useFlag('theme', 'light')}</b>;
  const page = (client: ContextClient): ReactElement => (
    <FlagProvider bootstrap={bootstrap} create={() => client}>
      <Theme />
      <Suspense fallback="never">
        <Theme />
      </Suspense>
    </FlagProvider>
  );
  const changed = createTestFlags({ theme: 'blue' });
  const html = renderOnServer(page(changed));
  expect(html.replace(/<[^>]*>/g, '')).toBe('darkdark');
  const { place, wrong, end } = await hydrate(html, page(changed));
  expect(wrong).toEqual([]);
  expect(place.textContent).toBe('blueblue');
  end();
});

test('rendered to text, a test’s flags are shown', () => {
  const html = renderOnServer(<TestFlagProvider flags={{ theme: 'dark' }} children={<Page />} />);
  expect(html).toContain('dark');
});
