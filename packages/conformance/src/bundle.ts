import { build } from 'esbuild';

/** How a program is bundled for a kind of runtime. */
export interface BundleOptions {
  readonly format: 'esm' | 'iife' | 'cjs';
  /** `node` leaves Node's own modules out, which the runtime has; nothing else stays outside. */
  readonly platform: 'node' | 'browser' | 'neutral';
  /** What the runtime looks for in manifests. */
  readonly conditions?: readonly string[];
}

/** Bundles a program with all that it imports, our packages from their sources. As `iife` its exports are the global `program`. */
export async function bundle(entry: string, { format, platform, conditions = [] }: BundleOptions): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    write: false,
    format,
    platform,
    target: 'es2022',
    ...(platform === 'neutral' ? { mainFields: ['module', 'main'] } : {}),
    ...(format === 'iife' ? { globalName: 'program' } : {}),
    conditions: ['@flags/source', ...conditions],
    logLevel: 'silent',
  });
  return outputFiles[0]?.text ?? '';
}
