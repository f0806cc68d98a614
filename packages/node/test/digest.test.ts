import { canonicalize } from '@flags/sync';
import { expect, test } from 'vitest';
import { sha256Of } from '../src/digest.ts';

const digestOf = ({ version: _version, digest: _digest, ...content }: Readonly<Record<string, unknown>>): string =>
  sha256Of(canonicalize(content));

// The expected digests come from the library that makes lock files, an implementation of RFC 8785 of its own.
test.each<[string, string, string]>([
  ['nothing', '{}', '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'],
  [
    'an entry; version and digest do not count',
    '{"key":"a","version":3,"digest":"x","b":[1,"two",null,true,{"z":0,"y":-0}],"a":1e21}',
    'aa3364b5a687c434bf0279fdc4dc55e9e7bcfa2a980cb1fbdad840d91cd5ca5f',
  ],
  [
    'the names, numbers and strings of the RFC’s examples',
    String.raw`{"\u20ac":"Euro","\r":"CR","\ufb33":"Hebrew","1":"One","\ud83d\ude00":"Smile","\u0080":"C","\u00f6":"o",` +
      String.raw`"n":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],"s":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/"}`,
    'be2b89ca6f26e43a3b2caab52d2567d4d82abd56d72d40b9d4caa5282b01896e',
  ],
  [
    'names that mean something elsewhere',
    '{"__proto__":{"b":1,"a":2},"constructor":null}',
    '28e9f60f20dee4241db259d364ba5dc536308678443724f610a2f55369d6d7d8',
  ],
])('the digest of %s', (_, json, digest) => {
  expect(digestOf(JSON.parse(json) as Readonly<Record<string, unknown>>)).toBe(digest);
});

test('the order of members does not count, that of items does', () => {
  expect(digestOf({ a: 1, b: [1, 2] })).toBe(digestOf({ b: [1, 2], a: 1, version: 2 }));
  expect(digestOf({ a: [1, 2] })).not.toBe(digestOf({ a: [2, 1] }));
});
