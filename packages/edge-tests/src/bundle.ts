import { join } from 'node:path';
import { build } from 'esbuild';

/** Bundles one of the programs here as a runtime wants it: nothing outside of it, and nothing of Node in it. */
export async function bundle(name: string, format: 'esm' | 'iife'): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, name)],
    bundle: true,
    write: false,
    format,
    target: 'es2022',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    conditions: ['@flags/source', format === 'esm' ? 'workerd' : 'edge-light'],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
