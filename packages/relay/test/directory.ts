import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/** A new directory that is gone after the test. */
export async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'flags-relay-'));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}
