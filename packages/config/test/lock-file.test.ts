import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { replaceText } from '../src/lock-file.ts';

let directory = '';
let path = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-file-'));
  path = join(directory, 'flags.lock.json');
});

afterEach(() => rm(directory, { recursive: true }));

describe('replaceText', () => {
  test('makes a new file, unless another process was faster', async () => {
    expect(await replaceText(path, undefined, 'one')).toBe(true);
    expect(await replaceText(path, undefined, 'two')).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('one');
  });

  test('replaces the text it expects, and no other', async () => {
    await writeFile(path, 'one');
    expect(await replaceText(path, 'one', 'two')).toBe(true);
    expect(await replaceText(path, 'one', 'three')).toBe(false);
    expect(await readFile(path, 'utf8')).toBe('two');
  });

  test('leaves no draft behind', async () => {
    await replaceText(path, undefined, 'one');
    await replaceText(path, 'other', 'two');
    await replaceText(path, 'one', 'three');
    expect(await readdir(directory)).toEqual(['flags.lock.json']);
  });

  test('rejects where it cannot write', async () => {
    await expect(replaceText(join(directory, 'missing', 'x'), undefined, 'one')).rejects.toThrow('ENOENT');
  });
});
