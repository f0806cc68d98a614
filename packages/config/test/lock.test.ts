import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { digestOf, type FlagEntries, formatLock, type Lock, lockRuleset, parseLock } from '../src/index.ts';
import { expand, NOW } from './expanding.ts';

const fixed = { now: NOW, random: (): number => 0.5 };

function lockOf(text: string, previous?: Lock): ReturnType<typeof lockRuleset> {
  return lockRuleset(expand(text), previous, fixed);
}

describe('lockRuleset', () => {
  test('begins a history with an epoch that says when', () => {
    const { ruleset, lock, changed } = lockOf('flags: { a: true, b: false }\nsegments: { s: [u] }');
    expect(ruleset.epoch).toBe('01m7xpe600gggggg');
    expect(ruleset).toMatchObject({ format: 1, environment: 'production', version: 1 });
    expect(ruleset.flags['a']).toMatchObject({ version: 1, digest: lock.flags.get('a')!.digest });
    expect(changed).toEqual({ flags: ['a', 'b'], segments: ['s'] });
  });

  test('mints later epochs that sort higher, each its own', () => {
    const entries = expand('flags: {}');
    const epochs = [0, NOW, NOW + 1, 2 ** 45].map((now) => lockRuleset(entries, undefined, { now }).lock.epoch);
    expect(epochs).toEqual([...epochs].sort());
    for (const epoch of epochs) expect(epoch).toMatch(/^[0-9a-hjkmnp-tv-z]{16}$/);
    expect(new Set(Array.from({ length: 20 }, () => lockRuleset(entries, undefined, { now: 0 }).lock.epoch)).size).toBe(
      20,
    );
  });

  test('keeps every version while nothing changes', () => {
    const text = 'flags: { a: { serve: { on: 1%, off: 99% } } }';
    const first = lockOf(text);
    const again = lockOf(`# A comment.\n${text.replace('serve', 'description: d, serve')}`, first.lock);
    expect(again.ruleset).toEqual(first.ruleset);
    expect(again.changed).toEqual({ flags: [], segments: [] });
    expect(formatLock(again.lock)).toBe(formatLock(first.lock));
  });

  test('gives everything that changed at once one new version', () => {
    const first = lockOf('flags: { a: true, b: true, c: true }\nsegments: { s: [u] }');
    const second = lockOf('flags: { a: false, c: true, d: true }\nsegments: { s: [u, v] }', first.lock);
    expect(second.changed).toEqual({ flags: ['a', 'b', 'd'], segments: ['s'] });
    expect(second.ruleset).toMatchObject({ epoch: first.ruleset.epoch, version: 2 });
    const versions = Object.entries(second.ruleset.flags).map(([key, { version }]) => [key, version]);
    expect(versions).toEqual([
      ['a', 2],
      ['c', 1],
      ['d', 2],
    ]);
    expect([...second.lock.flags.keys()]).toEqual(['a', 'c', 'd']);
  });

  test('gives an entry that comes back a new version', () => {
    const first = lockOf('flags: { a: true, b: true }');
    const second = lockOf('flags: { a: true }', first.lock);
    const third = lockOf('flags: { a: true, b: true }', second.lock);
    expect(third.ruleset.version).toBe(3);
    expect(third.ruleset.flags['b']).toMatchObject({ version: 3, digest: first.ruleset.flags['b']!.digest });
  });

  test('gives the same offsets in a later year', () => {
    const text = 'flags: { a: { rules: [{ if: { time: { days: mon, zone: Europe/Berlin } }, serve: on }] } }';
    const first = lockOf(text);
    expect(first.lock.zones.get('Europe/Berlin')).toHaveLength(23);
    expect(lockOf(text, first.lock).changed.flags).toEqual([]);
  });

  test('refuses the lock of another environment', () => {
    const { lock } = lockOf('environment: staging\nflags: {}');
    expect(() => lockRuleset(expand('flags: {}'), lock)).toThrow(/staging/);
  });

  test('keeps flags with names of JavaScript objects', () => {
    const text = 'flags: { __proto__: true, constructor: true, toString: true }';
    const first = lockOf(text);
    expect(Object.keys(first.ruleset.flags)).toEqual(['__proto__', 'constructor', 'toString']);
    const parsed = parseLock(formatLock(first.lock), 'flags.lock.json');
    expect(parsed.ok && lockOf(text, parsed.lock).changed.flags).toEqual([]);
  });
});

describe('The text of a lock', () => {
  test('is sorted, a line an entry', () => {
    const { lock } = lockOf(
      'flags: { b: true, a: { rules: [{ if: { time: { days: mon, zone: Asia/Kolkata } }, serve: on }] } }',
    );
    expect(formatLock(lock).replaceAll(/[0-9a-f]{64}/g, 'D')).toBe(`{
  "lock": 1,
  "environment": "production",
  "epoch": "01m7xpe600gggggg",
  "version": 1,
  "flags": {
    "a": { "version": 1, "digest": "D" },
    "b": { "version": 1, "digest": "D" }
  },
  "segments": {},
  "zones": {
    "Asia/Kolkata": {
      "2026-01-01T00:00:00.000Z": 330
    }
  }
}
`);
  });

  test('is read as it was written', () => {
    const text =
      'flags: { a: { rules: [{ if: { time: { days: mon, zone: Europe/Berlin } }, serve: on }] } }\nsegments: { s: [] }';
    const { lock } = lockOf(text);
    expect(parseLock(formatLock(lock), 'x')).toEqual({ ok: true, lock });
  });

  const good = formatLock(lockOf('flags: { a: true }').lock);
  const damaged: readonly (readonly [how: string, text: string, message: RegExp, hint: RegExp])[] = [
    ['cut short', good.slice(0, 80), /no JSON/, /version control/],
    ['empty', '', /no JSON/, /version control/],
    ['something else', '{"lockfileVersion":3}', /no lock file/, /version control/],
    ['a list', '[]', /no lock file/, /version control/],
    ['of the future', good.replace('"lock": 1', '"lock": 2'), /unknown format/, /Update/],
    ['in conflict', good.replace('  "version"', '<<<<<<< ours\n  "version"'), /merge conflicts/, /higher version/],
    ['without an epoch', good.replace(/"epoch": "[^"]*"/, '"epoch": "X"'), /epoch/, /version control/],
    ['with a bad version', good.replace('"version": 1,\n', '"version": 0,\n'), /version/, /version control/],
    ['at the last version', good.replace('"version": 1,\n', '"version": 9007199254740991,\n'), /version/, /./],
    ['with an entry of the future', good.replace('{ "version": 1', '{ "version": 9'), /flags "a" has no version/, /./],
    ['with a bad digest', good.replace(/"digest": "\w/, '"digest": "Z'), /flags "a" has no digest/, /version control/],
    ['with a bad zone', good.replace('"zones": {}', '"zones": { "UTC": { "soon": 1 } }'), /bad offset at "soon"/, /./],
    ['without segments', good.replace('"segments": {}', '"segments": 1'), /segments is no object/, /version control/],
  ];

  test.each(damaged)('that is %s is refused with a hint', (_how, text, message, hint) => {
    const parsed = parseLock(text, 'flags.lock.json');
    expect(parsed).toMatchObject({ ok: false, problem: { file: 'flags.lock.json', code: 'LOCK', severity: 'error' } });
    if (parsed.ok) return;
    expect(parsed.problem.message).toMatch(message);
    expect(parsed.problem.hint).toMatch(hint);
  });
});

describe('A digest', () => {
  test('is the SHA-256 of the canonical form without version and digest', () => {
    // printf '{"b":[1,true],"key":"é"}' | sha256sum
    expect(digestOf({ key: 'é', version: 3, b: [1, true], digest: 'old' })).toBe(
      '6ca49c04a4db9ddd1544e0d92a4fe9470026d40998bae1fe56b3ef002d113378',
    );
  });

  test('does not depend on the order of members', () => {
    const shuffled = (value: unknown, seed: number): unknown => {
      if (Array.isArray(value)) return value.map((item) => shuffled(item, seed));
      if (typeof value !== 'object' || value === null) return value;
      const entries = Object.entries(value).map(([key, item]) => [key, shuffled(item, seed)] as const);
      const turn = entries.length ? seed % entries.length : 0;
      const turned = [...entries.slice(turn), ...entries.slice(0, turn)].reverse();
      const object = Object.create(null) as Record<string, unknown>;
      for (const [key, item] of turned) object[key] = item;
      return object;
    };
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (entry, seed) => {
        expect(digestOf(shuffled(entry, seed) as object)).toBe(digestOf(entry));
      }),
    );
  });

  test('changes with the content, and with the order of lists', () => {
    const entry = (serve: string): FlagEntries => expand(`flags: { a: { serve: ${serve} } }`);
    const digests = ['{ on: 1%, off: 99% }', '{ off: 99%, on: 1% }', '{ on: 2%, off: 98% }', 'on'].map((serve) =>
      digestOf(entry(serve).flags.get('a')!),
    );
    expect(new Set(digests).size).toBe(4);
  });
});
