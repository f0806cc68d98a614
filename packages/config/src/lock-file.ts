import { randomUUID } from 'node:crypto';
import { access, link, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { dirname, extname } from 'node:path';

/** Where the lock of a flag file is: beside it, `flags.yaml` → `flags.lock.json`. */
export function lockPathOf(path: string): string {
  const extension = extname(path);
  return `${extension ? path.slice(0, -extension.length) : path}.lock.json`;
}

/** The text of a file, or `undefined` when there is none. Rejects when it cannot be read. */
export async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** The system's code of an I/O error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
}

/**
 * Replaces a file's text as one step: a reader, or a crash, meets the old text or the new one. Gives `false`, and changes
 * nothing, when the text is no longer `expected` (`undefined`: no file), since then another process was faster. Rejects
 * when the directory cannot be written.
 */
export async function replaceText(path: string, expected: string | undefined, text: string): Promise<boolean> {
  // Where the file is a link, what it points to is replaced.
  const target = await realpath(path).catch(() => path);
  const draft = `${target}.${randomUUID()}.tmp`;
  try {
    const file = await open(draft, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    if (expected === undefined) {
      if (!(await createFrom(draft, target))) return false;
    } else {
      if ((await readIfPresent(target)) !== expected) return false;
      await rename(draft, target);
    }
    await syncDirectory(dirname(target));
    return true;
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

/** A link, unlike a rename, fails when the target exists: of two processes that begin, one wins. */
async function createFrom(draft: string, target: string): Promise<boolean> {
  try {
    await link(draft, target);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
  }
  // A file system without links: as good as it gets there.
  const isTaken = await access(target).then(
    () => true,
    () => false,
  );
  if (!isTaken) await rename(draft, target);
  return !isTaken;
}

/** Makes the new name survive a power cut, where the system can. */
async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    await directory.sync().finally(() => directory.close());
  } catch {
    // Not every system opens directories.
  }
}
