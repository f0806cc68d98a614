import { expect, test } from 'vitest';
import { createFlagClient, FlagsError, isFlagsError } from '../src/index.ts';
import type { ClientOptions } from '../src/index.ts';
import { createFakeClock, createScriptedTransport } from '../src/testing/index.ts';

const url = 'https://flags.example.com';
const key = 'sdk-1';

function create(options: unknown): unknown {
  const ports = { transport: createScriptedTransport(), clock: createFakeClock(), random: () => 0.5 };
  try {
    return createFlagClient(options as ClientOptions, ports);
  } catch (error) {
    return error;
  }
}

test.each([
  ['options', undefined],
  ['options', 'https://flags.example.com'],
  ['url', {}],
  ['url', { key }],
  ['url', { key, url: '' }],
  ['url', { key, url: 7 }],
  ['url', { key, url: 'flags.example.com' }],
  ['url', { key, url: 'ftp://flags.example.com' }],
  ['url', { key, url: 'https://flags.example.com/?a=1' }],
  ['url', { key, url: 'http://[' }],
  ['key', { url }],
  ['key', { url, key: '' }],
  ['key', { url, key: 7 }],
  ['key', { url, key: 'with space' }],
  ['key', { url, key: 'line\r\nbreak' }],
  ['mode', { url, key, mode: 'pull' }],
  ['bootstrap', { url, key, bootstrap: '{}' }],
  ['bootstrap', { url, key, bootstrap: [] }],
  ['bucketers', { url, key, bucketers: 'md5' }],
  ['logger', { url, key, logger: {} }],
  ['privateAttributes', { url, key, privateAttributes: 'email' }],
  ['privateAttributes', { url, key, privateAttributes: ['email', ''] }],
])('a bad `%s` is refused at once, with what to write instead: %j', (subject, options) => {
  const error = create(options);
  expect(error).toBeInstanceOf(FlagsError);
  expect(isFlagsError(error)).toBe(true);
  expect(error).toMatchObject({ code: 'INVALID_OPTION', subject });
  expect((error as FlagsError).message).toContain((error as FlagsError).fix);
  expect((error as FlagsError).message).not.toContain('with space');
});

test.each([
  [{ url, key }],
  [{ url: `${url}/prefix/`, key: () => key, mode: 'poll' }],
  [{ mode: 'offline' }],
  [{ url, key, bootstrap: undefined, logger: undefined, privateAttributes: ['email', 'org.id'] }],
  [{ url, key, bootstrap: null, logger: { info: () => {}, warn: () => {} }, bucketers: {} }],
])('good options are taken: %j', (options) => {
  expect(create(options)).not.toBeInstanceOf(Error);
});

test('an error of another copy of the package is recognised', () => {
  const other = Object.assign(new Error('x'), { name: 'FlagsError', code: 'INVALID_OPTION', subject: 'url' });
  expect(isFlagsError(other)).toBe(true);
  expect(isFlagsError(new Error('x'))).toBe(false);
  expect(isFlagsError(undefined)).toBe(false);
});
