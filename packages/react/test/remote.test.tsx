import { act, render, screen } from '@testing-library/react';
import { expect, test } from 'vitest';
import { FlagProvider, useFlag, useFlagDetails, useSetContext } from '@flags/react';
import { createValuesClient, holdValues } from '@flags/sync';
import type { Values } from '@flags/sync';
import { createFakeClock, createScriptedTransport } from '@flags/sync/testing';
import { probe } from './render.tsx';

const text = (): string => screen.getByRole('status').textContent;
const Theme = probe(() => [useFlag('theme', 'light'), useFlagDetails('theme', 'light').source]);

test('a client for which the relay evaluates is one like any other', async () => {
  const transport = createScriptedTransport();
  const ports = { transport, clock: createFakeClock(), random: () => 0.5 };
  const client = createValuesClient({ url: 'http://relay', key: 'ck', context: { targetingKey: 'ann' } }, ports);
  const answer = (theme: string): void => {
    const values: Values['values'] = { theme: { value: theme, reason: 'STATIC' } };
    transport.last('stream').respond();
    transport.last('stream').send({
      type: 'VALUES',
      position: holdValues(values, { epoch: 'e1', version: 1 }).position,
      values,
    });
  };
  let setContext: ReturnType<typeof useSetContext> | undefined;
  function Login(): null {
    setContext = useSetContext();
    return null;
  }
  render(
    <FlagProvider client={client}>
      <Theme />
      <Login />
    </FlagProvider>,
  );
  expect(text()).toBe('["light",null]');
  act(() => answer('dark'));
  expect(text()).toBe('["dark","network"]');
  act(() => void setContext?.({ targetingKey: 'bob' }));
  expect(text()).toBe('["light",null]');
  act(() => answer('blue'));
  expect(text()).toBe('["blue","network"]');
  await client.close();
});
