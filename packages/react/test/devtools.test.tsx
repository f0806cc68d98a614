import { act, fireEvent, render } from '@testing-library/react';
import { StrictMode } from 'react';
import type { ReactElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { afterEach, expect, test, vi } from 'vitest';
import { Flag, FlagProvider, useFlag } from '@flags/react';
import { FlagDevtools } from '@flags/react/devtools';
import { createTestFlags } from '@flags/react/testing';
import { createContextClient, createFlagClient, createValuesClient, holdValues } from '@flags/sync';
import type { Values } from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import { click, hosts, open, opener, panel, show, type } from './panel.tsx';
import { probe, renderOnServer } from './render.tsx';
import { rulesOf } from './rules.ts';

afterEach(() => localStorage.clear());

const keys = (): readonly (string | null)[] =>
  panel()
    .getAllByRole('heading', { level: 3 })
    .map((heading) => heading.querySelector('.key')?.textContent ?? null);

test('every flag is listed with what is served and why', async () => {
  const client = createTestFlags(rulesOf({ theme: 'dark', 'new-checkout': true }), { targetingKey: 'ann' });
  const Theme = probe(() => useFlag('theme', 'light'));
  await show(client, <Theme />);
  expect(panel().queryByRole('dialog')).toBeNull();
  await open('theme');
  expect(keys()).toEqual(['new-checkout', 'theme']);
  expect(
    panel()
      .getByRole('button', { name: /^theme/ })
      .textContent?.trim(),
  ).toBe('theme "dark" served · STATIC · network · v1 on this page');
  expect(panel().getByRole('button', { name: /^new-checkout/ }).textContent).not.toContain('on this page');
  const detail = panel().getByRole('dialog').textContent;
  expect(detail).toContain('theme: served = "dark" (STATIC)');
  expect(detail).toContain('fallthrough serves served');
  expect(detail).toContain('"targetingKey": "ann"');
  expect(detail).toContain('live · flags from network');
});

test('a flag that changes is shown as it is now, and so is what is read by components that come and go', async () => {
  const client = createTestFlags({ theme: 'dark' });
  const Reads = ({ name }: { readonly name: string }): ReactElement => <>{useFlag(name, 'none')}</>;
  const page = (name: string): ReactElement => (
    <FlagProvider client={client}>
      <Reads name={name} />
      <FlagDevtools />
    </FlagProvider>
  );
  const { rerender } = render(page('theme'));
  await open('theme');
  await act(async () => client.set({ theme: 'blue' }));
  expect(panel().getByRole('button', { name: /^theme "blue"/ }).textContent).toContain('on this page');
  await act(async () => rerender(page('missing')));
  expect(keys()).toEqual(['missing', 'theme']);
  expect(
    panel()
      .getByRole('button', { name: /^missing/ })
      .textContent?.trim(),
  ).toBe('missing — ERROR · FLAG_NOT_FOUND · network on this page');
  expect(panel().getByRole('button', { name: /^theme/ }).textContent).not.toContain('on this page');
});

test('time alone shows, too', async () => {
  const from = new Date(1_000_000).toISOString();
  const flags = rulesOf({ sale: 'over' });
  const sale = (flags['flags'] as never)['sale'] as object;
  const rule = { id: 'later', when: { time: { from } }, serve: { variation: 'now' } };
  const variations = [
    { name: 'served', value: 'over' },
    { name: 'now', value: 'on' },
  ];
  const client = createTestFlags({ ...flags, flags: { sale: { ...sale, variations, rules: [rule] } } as never });
  client.clock.advance(999_000 - client.clock.now());
  await show(client, null);
  await open();
  expect(panel().getByRole('button', { name: /^sale/ }).textContent).toContain('"over"');
  await act(async () => client.clock.advance(2_000));
  expect(panel().getByRole('button', { name: /^sale/ }).textContent).toContain('"on"');
});

test('flags are searched by key, value and variation, and filtered', async () => {
  const client = createTestFlags({ theme: 'dark', banner: 'Darkness', limits: { max: 1 } });
  const Theme = probe(() => useFlag('theme', 'light'));
  await show(client, <Theme />);
  await open();
  const search = panel().getByRole('searchbox');
  expect(hosts()[0]?.shadowRoot?.activeElement).toBe(search);
  await type(search, ' DARK ');
  expect(keys()).toEqual(['banner', 'theme']);
  expect(panel().getByRole('status').textContent).toBe('2 of 3 flags');
  await click(panel().getByRole('button', { name: 'On this page' }));
  expect(keys()).toEqual(['theme']);
  await click(opener());
  await open();
  expect(keys()).toEqual(['theme']);
});

test('where flags are evaluated by others, or not known yet, that is said instead of a trace', async () => {
  const transport = createScriptedTransport();
  const evaluated = createValuesClient(
    { url: 'http://relay', key: 'k', context: { targetingKey: 'ann' } },
    { transport, clock: createFakeClock(), random: () => 0.5 },
  );
  const values: Values['values'] = {
    theme: { value: 'dark', variant: 'night', variation: 1, reason: 'TARGETING_MATCH', version: 3 },
  };
  transport.last('stream').respond();
  const position = holdValues(values, { epoch: 'e1', version: 3 }).position;
  transport.last('stream').send({ type: 'VALUES', position, values });
  const { unmount } = await show(evaluated, null);
  await open('theme');
  expect(panel().getByRole('button', { name: /^theme/ }).textContent).toContain(
    'night · TARGETING_MATCH · network · v3',
  );
  expect(panel().getByRole('dialog').textContent).toContain('the relay evaluates, and the rules are not in the page');
  await evaluated.close();
  unmount();
  const Theme = probe(() => useFlag('theme', 'light'));
  const ports = { transport: createScriptedTransport(), clock: createFakeClock(), random: () => 0.5 };
  const silent = createContextClient(createFlagClient({ url: 'http://relay', key: 'k' }, ports));
  await show(silent, <Theme />);
  await open('theme');
  expect(panel().getByRole('dialog').textContent).toContain('There are no flags yet: the client is connecting.');
  await silent.close();
});

test('the panel is an island: what is pressed in it does not reach the page, and it leaves nothing', async () => {
  const pressed = vi.fn<() => void>();
  const client = createTestFlags({ a: true });
  const { unmount, container } = render(
    <StrictMode>
      <div role="presentation" onClick={pressed} onKeyDown={pressed}>
        <FlagProvider client={client}>
          <Flag name="a">shown</Flag>
          <FlagDevtools />
        </FlagProvider>
      </div>
    </StrictMode>,
  );
  await act(async () => {});
  document.addEventListener('keydown', pressed);
  document.addEventListener('click', pressed);
  expect(hosts()).toHaveLength(1);
  await open();
  fireEvent.keyDown(panel().getByRole('searchbox'), { key: '/' });
  expect(pressed).not.toHaveBeenCalled();
  await act(async () => void fireEvent.keyDown(panel().getByRole('searchbox'), { key: 'Escape' }));
  expect(panel().queryByRole('dialog')).toBeNull();
  expect(hosts()[0]?.shadowRoot?.activeElement).toBe(opener());
  expect(container.textContent).toBe('shown');
  document.removeEventListener('keydown', pressed);
  document.removeEventListener('click', pressed);
  await click(opener());
  await click(panel().getByRole('switch', { name: 'Override a' }));
  expect(container.textContent).toBe('');
  unmount();
  await act(async () => {});
  expect(hosts()).toEqual([]);
});

test('a server renders nothing of it, and a page with overrides hydrates without a mismatch', async () => {
  localStorage.setItem('flags:overrides:1', '{"flags":{"theme":{"value":"mine"}}}');
  const bootstrap = { flags: { theme: { value: 'dark' } } };
  const Theme = (): ReactElement => <b>{useFlag('theme', 'light')}</b>;
  const client = createTestFlags({ theme: 'dark' });
  const page = (
    <FlagProvider bootstrap={bootstrap} create={() => client}>
      <Theme />
      <FlagDevtools />
    </FlagProvider>
  );
  const html = renderOnServer(page);
  expect(html).toBe('<b>dark</b>');
  const place = document.body.appendChild(document.createElement('div'));
  place.innerHTML = html;
  const wrong: unknown[] = [];
  const root = await act(async () => hydrateRoot(place, page, { onRecoverableError: (error) => wrong.push(error) }));
  expect(wrong).toEqual([]);
  expect(place.textContent).toBe('mine');
  act(() => root.unmount());
  await act(async () => {});
  place.remove();
});
