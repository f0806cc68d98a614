import { act, fireEvent, render, within } from '@testing-library/react';
import type { BoundFunctions, queries } from '@testing-library/react';
import type { ReactNode } from 'react';
import { FlagProvider } from '@flags/react';
import { FlagDevtools } from '@flags/react/devtools';
import type { ContextClient } from '@flags/sync';

/** The hosts of panels in the page. */
export const hosts = (): readonly Element[] => Array.from(document.querySelectorAll('flag-devtools'));

/** Looks into the panel. */
export const panel = (): BoundFunctions<typeof queries> => within(hosts()[0]?.shadowRoot as unknown as HTMLElement);

/** The button that opens and closes it. */
export const opener = (): HTMLElement => panel().getByRole('button', { name: /Flags/ });

/** Clicks, and lets all that follows happen. */
export const click = (element: HTMLElement): Promise<void> => act(async () => void fireEvent.click(element));

/** Types or chooses, and lets all that follows happen. */
export const type = (element: HTMLElement, value: string): Promise<void> =>
  act(async () => void fireEvent.change(element, { target: { value } }));

/** Shows components with a panel beside them. */
export async function show(client: ContextClient, children: ReactNode): Promise<ReturnType<typeof render>> {
  const page = render(
    <FlagProvider client={client}>
      {children}
      <FlagDevtools />
    </FlagProvider>,
  );
  await act(async () => {});
  return page;
}

/** Opens the panel, and one flag in it. */
export async function open(key?: string): Promise<void> {
  if (opener().getAttribute('aria-expanded') === 'false') await click(opener());
  if (key !== undefined) await click(panel().getByRole('button', { name: new RegExp(`^${key}`) }));
}
