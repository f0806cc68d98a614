import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type LoadOptions, type LoadResult, loadFlagFile, lockPathOf, parseLock } from '../src/index.ts';
import { NOW } from './expanding.ts';

let directory = '';
let path = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flag-file-'));
  path = join(directory, 'flags.yaml');
});

afterEach(async () => {
  await chmod(directory, 0o755);
  await rm(directory, { recursive: true });
});

type Loaded = Extract<LoadResult, { ok: true }>;

async function load(text?: string, options: LoadOptions = {}): Promise<Loaded> {
  if (text !== undefined) await writeFile(path, text);
  const result = await loadFlagFile(path, { now: NOW, ...options });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result;
}

const ZONED = 'flags: { a: { rules: [{ if: { time: { days: mon, zone: Europe/Berlin } }, serve: on }] } }';

describe('loadFlagFile', () => {
  test('writes the lock beside the file, and nothing else', async () => {
    const { lockWritten, warnings, lock } = await load('flags: { a: true }');
    expect({ lockWritten, warnings }).toEqual({ lockWritten: true, warnings: [] });
    expect((await readdir(directory)).sort()).toEqual(['flags.lock.json', 'flags.yaml']);
    expect(parseLock(await readFile(lockPathOf(path), 'utf8'), 'x')).toEqual({ ok: true, lock });
  });

  test('follows the history from load to load', async () => {
    const first = await load('flags: { a: true, b: true }');
    const same = await load('flags: { b: true, a: true } # moved');
    expect(same).toMatchObject({ lockWritten: false, changed: { flags: [] }, ruleset: { version: 1 } });
    const next = await load('flags: { a: false, b: true }');
    expect(next).toMatchObject({ lockWritten: true, changed: { flags: ['a'] }, ruleset: { version: 2 } });
    expect(next.ruleset.epoch).toBe(first.ruleset.epoch);
  });

  test('gives the same ruleset on another day', async () => {
    const { ruleset } = await load(ZONED);
    const later = await load(undefined, { now: Date.UTC(2033, 5, 1) });
    expect(later).toMatchObject({ lockWritten: false, warnings: [] });
    expect(later.ruleset).toEqual(ruleset);
  });

  test('warns before the offsets of a zone run out, and renews them when asked', async () => {
    await load(ZONED);
    const late = { now: Date.UTC(2036, 5, 1) };
    expect((await load(undefined, late)).warnings).toMatchObject([
      { code: 'ZONE', severity: 'warning', file: lockPathOf(path) },
    ]);
    const renewed = await load(undefined, { ...late, renewZones: true });
    expect(renewed).toMatchObject({ warnings: [], changed: { flags: ['a'] }, ruleset: { version: 2 } });
    expect(renewed.lock.zones.get('Europe/Berlin')![0]).toEqual([Date.UTC(2036, 0, 1), 60]);
  });

  test("says where the locked offsets are not this machine's", async () => {
    const { ruleset } = await load(ZONED);
    const lock = (await readFile(lockPathOf(path), 'utf8')).replace(
      '"2030-03-31T01:00:00.000Z": 120',
      '"2030-03-30T01:00:00.000Z": 120',
    );
    await writeFile(lockPathOf(path), lock);
    const other = await load();
    expect(other.warnings).toMatchObject([{ code: 'ZONE', severity: 'warning' }]);
    expect(other.ruleset.flags['a']!.digest).not.toBe(ruleset.flags['a']!.digest);
  });

  test('agrees with others that load at the same moment', async () => {
    await writeFile(path, ZONED);
    const random = ((): (() => number) => {
      let seed = 0;
      return () => (seed = (seed + 0.37) % 1);
    })();
    for (const text of [ZONED, `${ZONED}\nsegments: { s: [u] }`]) {
      await writeFile(path, text);
      const results = await Promise.all(Array.from({ length: 8 }, () => load(undefined, { random })));
      for (const { ruleset } of results) expect(ruleset).toEqual(results[0]!.ruleset);
      expect(results.filter(({ lockWritten }) => lockWritten)).not.toHaveLength(0);
    }
    expect((await readdir(directory)).sort()).toEqual(['flags.lock.json', 'flags.yaml']);
  });

  test('finds every problem of the file and of the lock', async () => {
    await writeFile(path, 'flags: { a: { serv: on }, b: }');
    await writeFile(lockPathOf(path), '{');
    const result = await loadFlagFile(path);
    expect(result).toMatchObject({
      ok: false,
      problems: [
        { file: path, code: 'MEMBER' },
        { file: path, code: 'TYPE' },
        { file: lockPathOf(path), code: 'LOCK' },
      ],
    });
    expect(await readFile(lockPathOf(path), 'utf8')).toBe('{');
  });

  test('keeps the lock as it is while the file is broken', async () => {
    await load('flags: { a: true }');
    const before = await readFile(lockPathOf(path), 'utf8');
    await writeFile(path, 'flags: { a: { serve: nothing } }');
    expect(await loadFlagFile(path)).toMatchObject({ ok: false });
    expect(await readFile(lockPathOf(path), 'utf8')).toBe(before);
  });

  test('refuses the lock of another environment', async () => {
    await load('environment: staging\nflags: {}');
    await writeFile(path, 'flags: {}');
    const result = await loadFlagFile(path);
    expect(result).toMatchObject({
      ok: false,
      problems: [{ code: 'LOCK', message: expect.stringContaining('staging') }],
    });
  });

  test.each([
    ['is missing', async (): Promise<void> => undefined, /no such file/],
    ['is a directory', async (): Promise<void> => void (path = directory), /cannot be read \(EISDIR\)/],
    ['is no text', async (): Promise<void> => writeFile(path, Buffer.from([0x66, 0xff, 0xfe])), /UTF-8/],
    ['is too large', async (): Promise<void> => writeFile(path, ' '.repeat(5 * 1024 * 1024 + 1)), /5 MiB/],
  ])('says so when the file %s', async (_how, prepare, message) => {
    await prepare();
    const result = await loadFlagFile(path);
    expect(result).toMatchObject({ ok: false, problems: [{ file: path, message: expect.stringMatching(message) }] });
  });

  test('reads a file that begins with a byte order mark', async () => {
    expect(await load('\uFEFFflags: { a: true }')).toMatchObject({ ok: true });
  });

  test('replaces what a linked lock points to', async () => {
    await writeFile(join(directory, 'elsewhere.json'), '');
    await load('flags: { a: true }');
    await rm(join(directory, 'elsewhere.json'));
    await writeFile(join(directory, 'elsewhere.json'), await readFile(lockPathOf(path)));
    await rm(lockPathOf(path));
    await symlink(join(directory, 'elsewhere.json'), lockPathOf(path));
    await load('flags: { a: false }');
    expect(await readFile(join(directory, 'elsewhere.json'), 'utf8')).toContain('"version": 2');
  });
});

describe('Where the lock cannot be written', () => {
  /** The name of the draft is too long for the file system, which stops even a user who may write anywhere. */
  const unwritable = async (text: string): Promise<void> => {
    path = join(directory, `${'f'.repeat(240)}.yaml`);
    await writeFile(path, text);
  };

  test('the flags load all the same, with a warning', async () => {
    await unwritable('flags: { a: true }');
    const result = await load();
    expect(result).toMatchObject({ lockWritten: false, ruleset: { version: 1 } });
    expect(result.warnings).toMatchObject([{ code: 'LOCK', severity: 'warning', file: lockPathOf(path) }]);
  });

  test('the lock of the load before keeps the history', async () => {
    await unwritable('flags: { a: true, b: true }');
    const first = await load();
    await writeFile(path, 'flags: { a: false, b: true }');
    const second = await load(undefined, { lock: first.lock });
    expect(second).toMatchObject({ ruleset: { epoch: first.ruleset.epoch, version: 2 }, changed: { flags: ['a'] } });
  });

  test('no lock is written when that is not wanted', async () => {
    const result = await load('flags: { a: true }', { write: false });
    expect(result).toMatchObject({ lockWritten: false, warnings: [] });
    expect(await readdir(directory)).toEqual(['flags.yaml']);
  });
});

describe('A lock that is held', () => {
  test('is used where the file is older, so that versions never fall', async () => {
    const first = await load('flags: { a: true }');
    const old = await readFile(lockPathOf(path), 'utf8');
    const second = await load('flags: { a: false }', { lock: first.lock });
    await writeFile(lockPathOf(path), old);
    const third = await load('flags: { a: true }', { lock: second.lock });
    expect(third.ruleset.version).toBe(3);
    expect(await readFile(lockPathOf(path), 'utf8')).toContain('"version": 3');
  });

  test('gives way to a lock file of another history', async () => {
    const first = await load('flags: { a: true }');
    const text = (await readFile(lockPathOf(path), 'utf8')).replace(first.ruleset.epoch, '01zzzzzzzzzzzzzz');
    await writeFile(lockPathOf(path), text);
    expect((await load(undefined, { lock: first.lock })).ruleset.epoch).toBe('01zzzzzzzzzzzzzz');
  });
});

test('The lock has the name of the file', () => {
  expect(lockPathOf('a/flags.yaml')).toBe('a/flags.lock.json');
  expect(lockPathOf('a.b/flags.production.json')).toBe('a.b/flags.production.lock.json');
  expect(lockPathOf('a.b/flags')).toBe('a.b/flags.lock.json');
});
