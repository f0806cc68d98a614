import { StrictMode } from 'react';
import type { ReactElement, ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import { expect, test } from 'vitest';
import { FlagProvider, useFlag } from '@flags/react';
import { FlagDevtools } from '@flags/react/devtools';
import { createMemoryContextClient } from '@flags/sync/testing';

/** What can be painted: the text at the end of each task that changed the page. */
async function paints(page: ReactNode): Promise<readonly string[]> {
  const place = document.body.appendChild(document.createElement('div'));
  const seen: string[] = [];
  const observer = new MutationObserver(() => seen.push(place.textContent));
  observer.observe(place, { subtree: true, childList: true, characterData: true });
  const root = createRoot(place);
  root.render(page);
  // As in a page: React chooses when to do what.
  for (let task = 0; task < 20; task++) await new Promise((resolve) => setTimeout(resolve, 2));
  observer.disconnect();
  root.unmount();
  place.remove();
  await new Promise((resolve) => setTimeout(resolve, 2));
  return seen;
}

const Theme = (): ReactElement => <b>{useFlag('theme', 'light')}</b>;

test('a client that has rules when it is made is shown by the first paint', async () => {
  const create = (): ReturnType<typeof createMemoryContextClient> => createMemoryContextClient({ theme: 'dark' });
  const page = (
    <FlagProvider create={create}>
      <Theme />
    </FlagProvider>
  );
  expect(await paints(page)).toEqual(['dark']);
  expect(await paints(<StrictMode>{page}</StrictMode>)).toEqual(['dark']);
});

test('overrides of a panel that was not loaded lazily are shown by the first paint', async () => {
  localStorage.setItem('flags:overrides:1', '{"flags":{"theme":{"value":"mine"}}}');
  const page = (
    <FlagProvider client={createMemoryContextClient({ theme: 'dark' })}>
      <Theme />
      <FlagDevtools />
    </FlagProvider>
  );
  expect(await paints(page)).toEqual(['mine']);
  localStorage.clear();
});
