import { createFlagClient } from '@flags/sync';
import type { Message } from '@flags/sync';
import { createScriptedTransport } from '@flags/sync/testing';
import type { ScriptedTransport } from '@flags/sync/testing';
import { afterEach, expect, test, vi } from 'vitest';
import { createPageClock } from '../src/clock.ts';
import { createPageLife } from '../src/page-life.ts';
import { createWakingTransport } from '../src/wake.ts';

const REQUEST = {
  url: 'http://relay/v1/stream',
  headers: { accept: 'text/event-stream', 'last-event-id': 'e.1.00000000' },
};

const EVERYTHING: Message = {
  type: 'FULL_SYNC',
  position: { epoch: 'e', version: 1, hash: '00000000' },
  reason: 'initial',
  ruleset: { format: 1, environment: 'test', epoch: 'e', version: 1, flags: {}, segments: {} },
};

afterEach(() => void vi.useRealTimers());

interface World {
  readonly inner: ScriptedTransport;
  readonly heard: string[];
  readonly sleep: () => void;
  readonly wake: () => void;
  readonly close: () => void;
}

function begin(isAsleep = false): World {
  const page = new EventTarget();
  const life = createPageLife(page, undefined);
  const inner = createScriptedTransport();
  const heard: string[] = [];
  const sleep = (): void => void page.dispatchEvent(new Event('pagehide'));
  if (isAsleep) sleep();
  const { close } = createWakingTransport(inner, life).open(REQUEST, {
    response: ({ status }) => heard.push(`status ${status}`),
    bytes: (chunk) => heard.push(new TextDecoder().decode(chunk)),
    end: (problem) => heard.push(`end ${problem}`),
  });
  return { inner, heard, sleep, wake: () => void page.dispatchEvent(new Event('pageshow')), close };
}

test('a stream is given up without a word when the page falls asleep', () => {
  const { inner, heard, sleep, wake } = begin();
  const first = inner.last('stream');
  expect(first.request).toEqual(REQUEST);
  first.respond();
  first.write('a');
  sleep();
  expect(first.closed()).toBe(true);
  wake();
  expect(inner.requests).toHaveLength(1);
  expect(heard).toEqual(['status 200', 'a']);
});

test('one that is asked for during sleep is not made', () => {
  const { inner, wake, close } = begin(true);
  wake();
  close();
  expect(inner.requests).toHaveLength(0);
});

test('one that ended is not closed again', () => {
  const { inner, heard, sleep } = begin();
  inner.last('stream').end('cut');
  sleep();
  expect(inner.last('stream').closed()).toBe(false);
  expect(heard).toEqual(['end cut']);
});

test('one that was closed is over', () => {
  const { inner, sleep, close } = begin();
  close();
  sleep();
  expect(inner.last('stream').closed()).toBe(true);
});

test.each([0, 3_600_000])(
  'a client asks for one stream, from where it stands, when its page wakes after %i ms',
  (ms) => {
    vi.useFakeTimers();
    const page = new EventTarget();
    const life = createPageLife(page, undefined);
    const inner = createScriptedTransport();
    const clock = createPageClock(life);
    const client = createFlagClient(
      { url: 'http://relay', key: 'ck_1' },
      { transport: createWakingTransport(inner, life), clock, random: () => 0.5, onWake: life.onWake },
    );
    inner.last('stream').respond();
    inner.last('stream').send(EVERYTHING);
    page.dispatchEvent(new Event('pagehide'));
    vi.advanceTimersByTime(ms);
    page.dispatchEvent(new Event('pageshow'));
    page.dispatchEvent(new Event('pageshow'));
    expect(inner.requests).toHaveLength(2);
    expect(inner.last('stream').request.headers['last-event-id']).toBe(client.status().position);
    expect(inner.last('stream').closed()).toBe(false);
  },
);
