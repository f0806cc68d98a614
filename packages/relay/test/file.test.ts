import { mkdir, open as openFile, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileProblem } from '@flags/config';
import { describe, expect, it } from 'vitest';
import type { FileSourceOptions } from '../src/index.ts';
import { createRelay, fileSource, RelayError } from '../src/index.ts';
import { directory } from './directory.ts';
import type { StreamReader } from './reader.ts';
import { KEY, start, until } from './start.ts';

/** Flags in number, so that one change is a small part of them. */
function flagFile(share: number, more = ''): string {
  const others = Array.from({ length: 8 }, (_, index) => `  other-${index}: { type: boolean, serve: on }\n`).join('');
  return `environment: test\nflags:\n${others}  checkout: { type: boolean, serve: { on: ${share}%, off: ${100 - share}% } }\n${more}`;
}

interface FileRelay {
  readonly path: string;
  readonly reader: StreamReader;
  readonly broken: (readonly FileProblem[])[];
  readonly mended: string[];
  readonly log: string[];
}

async function startOnFile(options: FileSourceOptions = {}, path?: string): Promise<FileRelay> {
  const at = path ?? join(await directory(), 'flags.yaml');
  if (path === undefined) await writeFile(at, flagFile(10));
  const broken: (readonly FileProblem[])[] = [];
  const mended: string[] = [];
  const log: string[] = [];
  const line = (_facts: object, message: string): void => void log.push(message);
  const { stream } = await start({
    source: fileSource(at, options),
    onBrokenSource: (problems) => broken.push(problems),
    onMendedSource: () => mended.push('mended'),
    log: { info: line, warn: line, error: line },
  });
  const reader = await stream();
  expect((await reader.next()).message).toMatchObject({ type: 'FULL_SYNC', ruleset: { environment: 'test' } });
  return { path: at, reader, broken, mended, log };
}

/** The share that `checkout` serves after the next change. */
async function nextShare(reader: StreamReader): Promise<unknown> {
  const { message } = await reader.change();
  if (message.type !== 'FLAG_UPDATE') throw new Error(`got ${message.type}`);
  const serve = message.flags['checkout']?.fallthrough;
  return serve !== undefined && 'split' in serve ? serve.split.slices[0]?.[1] : serve;
}

describe('file source', () => {
  it.each<[string, (path: string, text: string) => Promise<void>]>([
    ['written in place', (path, text) => writeFile(path, text)],
    [
      'replaced by another file in one step',
      async (path, text) => {
        await writeFile(`${path}.new`, text);
        await rename(`${path}.new`, path);
      },
    ],
    [
      'put aside first and written anew',
      async (path, text) => {
        await rename(path, `${path}~`);
        await writeFile(path, text);
      },
    ],
    [
      'deleted and restored',
      async (path, text) => {
        await rm(path);
        await new Promise((resolve) => void setTimeout(resolve, 60));
        await writeFile(path, text);
      },
    ],
  ])('pushes a file that is %s, as one change, again and again', async (_name, save) => {
    const { path, reader, broken } = await startOnFile();
    for (const share of [20, 30, 40]) {
      await save(path, flagFile(share));
      expect(await nextShare(reader)).toBe(share * 1_000);
    }
    expect(broken).toEqual([]);
  });

  // While it is read, and its lock is written, it may be saved again: at each of these moments after the first save.
  it.each([40, 120, 300])('takes the last of two saves that lie %i ms apart', async (ms) => {
    const many = Array.from({ length: 1_500 }, (_, index) => `  more-${index}: { type: boolean, serve: on }\n`).join(
      '',
    );
    const path = join(await directory(), 'flags.yaml');
    await writeFile(path, flagFile(10, many));
    const { reader } = await startOnFile({}, path);
    for (const share of [20, 30]) {
      await writeFile(`${path}.new`, flagFile(share, many));
      await rename(`${path}.new`, path);
      await new Promise((resolve) => void setTimeout(resolve, ms));
    }
    const first = await nextShare(reader);
    // The first one may have been skipped.
    expect(first === 30_000 ? first : await nextShare(reader)).toBe(30_000);
  });

  it('never takes a part of a file for all of it', async () => {
    const { path, reader, broken } = await startOnFile({ settleMs: 200, graceMs: 400 });
    const file = await openFile(path, 'w');
    // Most of these lines end a file that is valid by itself.
    for (const piece of flagFile(20).split(/(?<=\n)/)) {
      await file.write(piece);
      await new Promise((resolve) => void setTimeout(resolve, 30));
    }
    await file.close();
    expect(await nextShare(reader)).toBe(20_000);
    expect(broken).toEqual([]);
  });

  it('notices a change that nothing announces', async () => {
    // As a mounted volume is updated: a link on the way to the file is swapped.
    const root = await directory();
    for (const [name, share] of [
      ['one', 10],
      ['two', 20],
    ] as const) {
      await mkdir(join(root, name));
      await writeFile(join(root, name, 'flags.yaml'), flagFile(share));
    }
    await symlink('one', join(root, 'data'));
    const { reader } = await startOnFile({ pollMs: 50 }, join(root, 'data', 'flags.yaml'));
    // Past the look that follows the start.
    await new Promise((resolve) => void setTimeout(resolve, 200));
    await symlink('two', join(root, 'data.new'));
    await rename(join(root, 'data.new'), join(root, 'data'));
    expect(await nextShare(reader)).toBe(20_000);
  });

  it('keeps the last good flags while a save is broken, says where, and goes on when it is mended', async () => {
    const { path, reader, broken, mended, log } = await startOnFile({ pollMs: 20 });
    await writeFile(path, flagFile(20, '  typo: { type: boolean, serve: nowhere }\n'));
    await until(() => broken.length > 0);
    expect(broken[0]).toMatchObject([{ file: path, line: 12, column: expect.any(Number) }]);
    expect(broken[0]?.[0]?.column).toBeGreaterThan(1);
    expect(broken[0]?.[0]?.message).toContain('nowhere');
    // Said once, however often the file is looked at.
    await new Promise((resolve) => void setTimeout(resolve, 400));
    await writeFile(path, flagFile(30));
    expect(await nextShare(reader)).toBe(30_000);
    expect(log).toContain('the source can be used again');
    expect(mended).toHaveLength(1);
    // Undone without a change: nothing is pushed, and whoever was told of the problem is told of its end.
    await writeFile(path, flagFile(40, '  typo: { type: boolean, serve: nowhere }\n'));
    await until(() => broken.length > 1);
    await writeFile(path, flagFile(30));
    await until(() => mended.length > 1);
    expect(broken).toHaveLength(2);
  });

  it('keeps the last good flags while the file is gone', async () => {
    const { path, reader, broken } = await startOnFile();
    await rm(path);
    await until(() => broken.length > 0);
    expect(broken[0]).toMatchObject([{ file: path, code: 'FILE' }]);
    await writeFile(path, flagFile(20));
    expect(await nextShare(reader)).toBe(20_000);
  });

  it('sends nothing when a save changes nothing', async () => {
    const { path, reader } = await startOnFile();
    await writeFile(path, `# a comment\n${flagFile(10)}`);
    await new Promise((resolve) => void setTimeout(resolve, 100));
    await writeFile(path, flagFile(20));
    expect(await nextShare(reader)).toBe(20_000);
  });

  it('counts versions on in the lock file, so that a restarted relay resumes its clients', async () => {
    const { path, reader } = await startOnFile();
    await writeFile(path, flagFile(20));
    const { id } = await reader.change();
    const again = await start({ source: fileSource(path) });
    const resumed = await again.stream('/v1/stream', { authorization: `Bearer ${KEY}`, 'last-event-id': id ?? '' });
    expect((await resumed.next()).message).toMatchObject({ type: 'HEARTBEAT' });
    expect(await readFile(join(path, '..', 'flags.lock.json'), 'utf8').catch(() => '')).toContain(id?.split('.')[0]);
  });

  it('rejects a file that cannot be used at start, with every place', async () => {
    const path = join(await directory(), 'flags.yaml');
    await writeFile(path, 'environment: test\nflags:\n  a: { type: boolean, serve: nowhere }\n  b: { type: colour }\n');
    const failure = await createRelay({ source: fileSource(path), keys: [KEY] }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(RelayError);
    expect(failure).toMatchObject({ code: 'INVALID_SOURCE' });
    const lines = failure instanceof RelayError ? failure.problems.map((problem) => problem.line) : [];
    expect(new Set(lines)).toEqual(new Set([3, 4]));
    expect(String(failure)).toContain(`${path}:3:`);
    const missing = createRelay({ source: fileSource(`${path}.missing`), keys: [KEY] });
    await expect(missing).rejects.toMatchObject({ code: 'INVALID_SOURCE', problems: [{ code: 'FILE' }] });
  });
});
