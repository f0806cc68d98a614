import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createRelay, fileSource, generateClientKey, generateServerKey } from '@flags/relay';
import type { Relay } from '@flags/relay';
import { afterAll, afterEach, beforeEach, expect } from 'vitest';

const FLAGS = resolve(import.meta.dirname, '../../../examples/flags.yaml');

/** A relay on a copy of the examples' flags that may be edited. */
export interface FlagFile {
  /** Its folder, which is gone in the end. */
  readonly folder: string;
  readonly serverKey: string;
  readonly clientKey: () => string;
  readonly relay: () => Relay;
  /** Saves the flag file with this changed. */
  readonly edit: (before: string | RegExp, after: string) => void;
  readonly closeRelay: () => Promise<void>;
  /** Where it was before. */
  readonly openRelay: () => Promise<void>;
  /** From its next start on, it has another client key. */
  readonly renewClientKey: () => void;
}

/** Prepares a relay for the tests of a `describe` block: each begins with the flags as they are. */
export function createFlagFile(): FlagFile {
  const folder = mkdtempSync(join(tmpdir(), 'flags-pages-'));
  const file = join(folder, 'flags.yaml');
  const serverKey = generateServerKey();
  let clientKey = generateClientKey();
  let relay: Relay;

  async function openRelay(port = Number(new URL(relay.url).port)): Promise<void> {
    const keys = [serverKey, { key: clientKey, origins: ['*'] }];
    relay = await createRelay({ source: fileSource(file), keys, port, heartbeatMs: 1_000 });
    await relay.listen();
  }

  beforeEach(async () => {
    copyFileSync(FLAGS, file);
    await openRelay(0);
  });
  afterEach(() => relay.close());
  afterAll(() => rmSync(folder, { recursive: true }));

  return {
    folder,
    serverKey,
    clientKey: () => clientKey,
    relay: () => relay,
    edit: (before, after) => {
      const text = readFileSync(file, 'utf8');
      const edited = text.replace(before, after);
      expect(edited).not.toBe(text);
      writeFileSync(file, edited);
    },
    closeRelay: () => relay.close(),
    openRelay: () => openRelay(),
    renewClientKey: () => {
      clientKey = generateClientKey();
    },
  };
}
