import { afterEach, expect, test, vi } from 'vitest';
import { createFetchTransport } from '../src/index.ts';

afterEach(() => {
  vi.unstubAllGlobals();
});

test('posts outlive their page, long ones and streams do not', () => {
  const asked: (boolean | undefined)[] = [];
  vi.stubGlobal('fetch', (_: string, { keepalive }: RequestInit) => {
    asked.push(keepalive);
    return new Promise(() => {});
  });
  const post = (body: string, accept?: string): void => {
    const headers = accept === undefined ? {} : { accept };
    createFetchTransport().open(
      { url: 'http://relay/x', headers, body },
      { response: () => {}, bytes: () => {}, end: () => {} },
    );
  };
  post('{}');
  post('x'.repeat(60_001));
  post('{"context":{}}', 'text/event-stream');
  expect(asked).toEqual([true, false, false]);
});
