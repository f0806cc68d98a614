import { createScriptedTransport } from '@flags/sync/testing';
import type { ScriptedTransport } from '@flags/sync/testing';
import { expect, test } from 'vitest';
import { createPageLife } from '../src/page-life.ts';
import { createWakingTransport } from '../src/wake.ts';

const REQUEST = {
  url: 'http://relay/v1/stream',
  headers: { accept: 'text/event-stream', 'last-event-id': 'e.1.00000000' },
};

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
  const { close } = createWakingTransport(inner, life, () => 'e.7.00000000').open(REQUEST, {
    response: ({ status }) => heard.push(`status ${status}`),
    bytes: (chunk) => heard.push(new TextDecoder().decode(chunk)),
    end: (problem) => heard.push(`end ${problem}`),
  });
  return { inner, heard, sleep, wake: () => void page.dispatchEvent(new Event('pageshow')), close };
}

test('a stream ends while the page sleeps and goes on from where the client stands, which notices nothing', () => {
  const { inner, heard, sleep, wake } = begin();
  const first = inner.last('stream');
  expect(first.request).toBe(REQUEST);
  first.respond();
  first.write('a');
  sleep();
  expect(first.closed()).toBe(true);
  wake();
  wake();
  const second = inner.last('stream');
  expect(inner.requests).toHaveLength(2);
  expect(second.request.headers).toMatchObject({ 'last-event-id': 'e.7.00000000', accept: 'text/event-stream' });
  second.respond();
  second.write('b');
  expect(heard).toEqual(['status 200', 'a', 'b']);
});

test('a stream that is refused after sleep is over', () => {
  const { inner, heard, sleep, wake } = begin();
  inner.last('stream').respond();
  sleep();
  wake();
  inner.last('stream').respond({ status: 503 });
  inner.last('stream').end();
  expect(heard).toEqual(['status 200', 'end status 503']);
});

test('one that is asked for during sleep waits', () => {
  const { inner, wake } = begin(true);
  expect(inner.requests).toHaveLength(0);
  wake();
  expect(inner.requests).toHaveLength(1);
});

test('one that ended, or was closed, does not come back', () => {
  const ended = begin();
  ended.inner.last('stream').end('cut');
  const closed = begin();
  closed.close();
  for (const { inner, sleep, wake } of [ended, closed]) {
    sleep();
    wake();
    expect(inner.requests).toHaveLength(1);
  }
  expect(ended.heard).toEqual(['end cut']);
  expect(closed.inner.last('stream').closed()).toBe(true);
});
