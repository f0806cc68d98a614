import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createVectors } from './vectors/all.ts';
import { checkVectors, readVectors } from './vectors/check.ts';

const run = promisify(execFile);

describe('the golden vectors', () => {
  it('are what every reader of the format answers, ours too', () => {
    expect(checkVectors()).toStrictEqual([]);
  });

  it('are what their generator makes', () => {
    const made = createVectors();
    for (const name of Object.keys(made) as (keyof typeof made)[]) {
      expect(JSON.parse(JSON.stringify(made[name]))).toStrictEqual(readVectors(name));
    }
  });

  it('hold in a process that may not make code from strings', async () => {
    const flags = ['--disallow-code-generation-from-strings', '--disable-warning=ExperimentalWarning'];
    const program = resolve(import.meta.dirname, 'vectors/main.ts');
    expect(await run(process.execPath, [...flags, program])).toStrictEqual({
      stdout: '0 vectors differ\n',
      stderr: '',
    });
    // The guard is real: the same process refuses code from a string.
    const refused = run(process.execPath, [...flags, '--eval', 'new Function("")']);
    await expect(refused).rejects.toThrow('Code generation from strings disallowed');
  });
});
