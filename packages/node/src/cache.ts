import { dirname, resolve } from 'node:path';
import type { Store } from '@flags/sync';
import { builtin } from './builtin.ts';

/**
 * A store in a file. A write is all or nothing, whatever happens to the process or the machine meanwhile: the text goes to a
 * file beside it, is made durable, and takes the name in one step. Only this user may read it, since rules name people.
 */
export function createFileStore(path: string): Store {
  // The program may change its directory.
  const file = resolve(path);
  const directory = dirname(file);
  return {
    read: () => {
      const { readFileSync, statSync } = builtin('node:fs');
      const found = statSync(file, { throwIfNoEntry: false });
      if (found === undefined) return undefined;
      // Reading a pipe or a device might wait for ever.
      if (!found.isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' });
      return readFileSync(file, 'utf8');
    },
    write: async (text) => {
      const { mkdir, open, rename, rm } = builtin('node:fs/promises');
      // One level: a recursive `mkdir` never returns where the system refuses with ENOENT, as below `/proc`.
      await mkdir(directory).catch((error: unknown) => {
        if (!isExisting(error)) throw error;
      });
      // Several clients and processes may share the file; the last one to finish has it.
      const temporary = `${file}.${builtin('node:crypto').randomBytes(6).toString('hex')}.tmp`;
      try {
        const handle = await open(temporary, 'wx', 0o600);
        try {
          await handle.writeFile(text);
          await handle.sync();
        } finally {
          await handle.close();
        }
        await rename(temporary, file);
      } catch (error) {
        await rm(temporary, { force: true }).catch(() => {});
        throw error;
      }
      await syncDirectory(directory);
    },
  };
}

function isExisting(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EEXIST';
}

/** Makes the new name durable. Not every system lets a directory be opened; the file itself is whole either way. */
async function syncDirectory(directory: string): Promise<void> {
  try {
    const handle = await builtin('node:fs/promises').open(directory, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Without it, a power cut may bring back the file before.
  }
}
